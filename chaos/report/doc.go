// Package report writes the result of a run of gosv chaos: a table for people, JSON with a
// versioned schema, JUnit XML for CI systems, markdown for their summary pages, annotations
// for GitHub Actions, and a drawing.
//
// Each of them is a pure function of a [Result].
package report
