// Package faultysup makes supervisors with one deliberate fault each. A fault wraps the
// kernel that the supervisor uses, wraps the observer that it reports to, or changes the
// policies of its services. The faults prove the checks: cmd/gosv-faulty gives them to
// gosv chaos selftest, and the tests of package sim give them to its invariants. No
// program that is shipped imports this package.
package faultysup
