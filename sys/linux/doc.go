// Package linux implements the roles of package sys with the system calls of Linux.
// It decides nothing.
//
// # Kernel
//
// New probes the kernel once. It needs Linux 5.4 (waitid on a pidfd), and 5.7 for
// starting a process in its cgroup. Where clone3(2) is unknown or refused, as by older
// container runtimes, clone(2) is used, and a request that names a cgroup fails with
// ENOSYS unless it has MoveIn. Where pidfds are refused, New fails with a sentence.
//
// # Threads
//
// The loop runs on the main thread, locked to it in an init function, and blocks in one
// epoll_wait. The kernel makes adopted orphans children of the main thread, and children
// of Spawn belong to other threads; that is how [Kernel.Orphans] distinguishes them.
//
// What may hang runs on a pool of workers: starts, with the search of PATH and execve,
// and jobs. A worker is a goroutine with a thread of its own. It leaves Go's scheduler
// around each system call that blocks. The pool grows only while every worker hangs, and
// shrinks when workers are idle.
//
// A child shares gosv's memory until execve. It runs no Go code but a list of system
// calls, in a page of assembly, which names the call that failed.
//
// One goroutine reads the output of all children, and one for each kind of signal takes
// those sent to gosv. New makes all threads that gosv needs, because Go ends a program
// that cannot have a further one.
package linux
