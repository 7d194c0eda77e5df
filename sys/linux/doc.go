// Package linux is the seam of package sys on Linux: the system calls that a
// supervisor needs, and nothing that decides.
//
// # Kernel
//
// Linux 5.4 or newer (waitid on a pidfd); 5.7 for being born in a cgroup. Where
// clone3(2) is refused, as by older container runtimes, clone(2) serves and a
// request that names a cgroup fails with ENOSYS.
//
// # Threads
//
// The loop blocks in one epoll_wait. What may hang in a start, the search of PATH
// and execve, is done by others: by goroutines, and by a few threads that make
// processes and do nothing else. Those run no Go, so that a start never waits for
// Go's scheduler; a further one is added when all of them hang. Threads that Go may
// want are made at the beginning, because it cannot go on without one. They are not the
// main thread: the kernel gives adopted orphans to the main thread
// (find_alive_thread in kernel/exit.c), so a caller who has locked the main thread
// in an init function can tell orphans and own children apart, see
// [Kernel.PeekOrphan]. One goroutine reads the captured output of all children, one
// takes the signals sent to gosv.
package linux
