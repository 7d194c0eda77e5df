//go:build amd64 || arm64

package linux

import (
	"syscall"
	"unsafe"
)

// systemCall is a system call with at most five arguments.
type systemCall struct {
	nr   uintptr
	args [5]uintptr
}

// rawCall makes a system call and returns what the kernel returned. If that is 0
// and list is not nil, it was a clone and this is the child: it makes the calls of
// the list and never returns.
//
//go:noescape
func rawCall(c *systemCall, list *syscallList) (r1 uintptr)

// Go's scheduler offers these to packages that make system calls by themselves.
//
//go:linkname entersyscallblock runtime.entersyscallblock
func entersyscallblock()

//go:linkname exitsyscall runtime.exitsyscall
func exitsyscall()

// blockingCall makes a system call that is expected to block. Unlike
// syscall.Syscall it lets another goroutine run at once, not when the scheduler's
// monitor notices, and leaves that monitor asleep. syscall.ForkExec does not leave
// the scheduler at all: an exec that hangs would stop the whole program at the next
// garbage collection.
//
// Between the two calls of the runtime nothing may use Go's stack or scheduler.
//
//go:nosplit
//go:norace
func blockingCall(c *systemCall, list *syscallList) uintptr {
	entersyscallblock()
	r1 := rawCall(c, list)
	exitsyscall()
	return r1
}

// errnoOfCall returns the errno in the result of a system call, or 0.
func errnoOfCall(r1 uintptr) syscall.Errno {
	if -r1 < 4096 {
		return syscall.Errno(-r1)
	}
	return 0
}

// address is for arguments of system calls. The caller keeps p alive.
func address[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }
