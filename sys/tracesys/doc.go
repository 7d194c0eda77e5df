// Package tracesys records what a program asks of the kernel through package
// sys, and what it is answered, as a text of one line a call. It decorates
// either kernel.
//
// # Format
//
// The first line is "gosv trace 1 self P1": the version, and the name of the
// recording process. Then, one line for each call, when it has returned:
//
//	0.012345 8 loop peek h3 = exit 3
//	0.012400 5 j2 read-file /proc/P9/environ ! ESRCH
//
// that is: when the call began, in seconds; how many microseconds it took; who
// made it (the loop, or the job with that number); the operation and its
// arguments; then "=" and the answer, or "!" and the error. A word that holds a
// space stands in quotes, as in Go. Lines that begin with # are for people.
//
// names stand in place of numbers, in the order of their appearance: P1 for a
// PID (the same PID is the same name, also when the kernel reuses it; "# P5 is
// 4711" says which), h1 for a handle, s1 for a start, w1 for a watch, j1 for a job,
// i1 for the value of an invocation variable. So two runs that did the same read
// the same, and a handle that is reused has a new name.
//
// # What is not in it
//
// Arguments and environments of services, their output, and of files all but
// what a supervisor acts on (see facts.go): neither belongs into a bug report.
// What gosv writes itself, into cgroup files, is there in full.
package tracesys
