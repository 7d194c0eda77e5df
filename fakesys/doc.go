// Package fakesys is a deterministic kernel under a virtual clock. It is the
// second implementation of package sys: a program that manages processes
// through these roles runs on it unchanged, in a test, thousands of times
// faster than on Linux and with every fault that Linux can show.
//
// # Determinism
//
// Everything happens inside the calls of the one program under test (called
// gosv here) and time moves only inside [Kernel.Wait]. There is no goroutine,
// no wall clock and no randomness but [Choices]: the same choices give the same
// trace, byte for byte. A choice of 0 always means "no fault, oldest first".
//
// # The two sides
//
// [Kernel] is what gosv sees: the roles of package sys. [World], embedded in
// it, is what a test sees: it installs programs, sends signals as a stranger,
// schedules actions and reads the truth (process table, signal log, groups).
// Services are scripts of package puppet.
//
// # Honesty
//
// A file or operation that is not modelled panics with its name, as does a call
// that breaks a contract of package sys. The fake is believed as far as the
// conformance suite sys/systest reaches.
package fakesys
