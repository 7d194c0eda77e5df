package linux

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Go lets a thread keep its P (the right to run Go code) when it enters a system
// call, in case it returns at once; a monitor thread takes the P away after 20 us
// to 10 ms, and polls fifty times and more until it has. On a machine with few
// processors the other threads meanwhile have no P, and each step of a start
// would wait for the monitor. The waits of this package are known to be waits,
// so they give the P up by themselves, and the monitor sleeps.

//go:linkname entersyscallblock runtime.entersyscallblock
func entersyscallblock()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

// blocking makes a system call that is expected to wait.
//
//go:nosplit
//go:uintptrescapes
func blocking(nr, a1, a2, a3, a4 uintptr) (r1 uintptr, errno syscall.Errno) {
	entersyscallblock()
	r1, _, errno = syscall.RawSyscall6(nr, a1, a2, a3, a4, 0, 0)
	exitsyscall()
	return r1, errno
}

// epollWait waits for at most timeout milliseconds; -1 has no limit.
func epollWait(epoll int, events []unix.EpollEvent, timeout int) (int, error) {
	if timeout == 0 {
		return unix.EpollWait(epoll, events, 0)
	}
	n, errno := blocking(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(timeout))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
