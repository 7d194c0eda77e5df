// Package sys is the seam between gosv and the kernel: a set of small roles,
// each the least that one part of a supervisor needs.
//
// Two implementations exist. Package sys/linux makes the system calls; package
// fakesys is a deterministic kernel under a virtual clock. Both pass the
// conformance suite sys/systest, so the supervisor need not know which one it
// runs on.
//
// # Errors
//
// An operation that fails for the kernel's reasons returns a [syscall.Errno],
// possibly wrapped, so that errors.Is(err, syscall.ENOENT) and
// errors.Is(err, fs.ErrNotExist) work. A call that breaks a contract (an
// unknown handle, a second use of a spawn ID) panics: it is a bug of the
// program, not an event of the world.
//
// # Time
//
// Instants are durations since an origin that does not move while the program
// runs (CLOCK_MONOTONIC: it neither steps nor counts a suspend). [Never] is
// later than every instant.
//
// # Goroutines
//
// Every role but [Waker], [Terminal] and [Files] belongs to the one goroutine
// that runs the loop. A [Job] runs elsewhere and gets a [JobKernel], which is
// all that it may use.
package sys
