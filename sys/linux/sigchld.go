//go:build amd64 || arm64

package linux

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// SIGCHLD comes at every exit, when the pidfd has woken the loop already: it is
// there for orphans, stopped children and those that epoll did not take. By way
// of os/signal each one would wake a thread and two goroutines, which costs more
// than the reaping. So it has a handler of its own, in assembly, that does what
// wake does.

//lint:ignore U1000 the assembly reads it
const wokeChild = uint32(sys.WokeChild)

// What the handler reads. They stay as they are after Shutdown, since it may
// still run on some thread; it writes only while the loop sleeps.
var (
	//lint:ignore U1000 the assembly reads it
	childPending *atomic.Uint32 // Kernel.pending
	//lint:ignore U1000 the assembly reads it
	childWakeup int32 // Kernel.wakeup
	//lint:ignore U1000 the assembly reads it
	childEvent uint64 = 1
)

// sigaction is struct sigaction of the kernel, see rt_sigaction(2). The order
// of the fields is that of both architectures; arm64 does not use restorer.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// childHandler gives the addresses of the handler and of what it returns to (0:
// the kernel's own).
func childHandler() (handler, restorer uintptr)

// catchChild installs the handler; releaseChild gives Go its own back. Like
// every handler in a Go program it must run on the signal stack and restart
// system calls.
func (k *Kernel) catchChild() {
	childPending, childWakeup = &k.pending, int32(k.wakeup)
	a := sigaction{flags: saOnStack | saRestart, mask: ^uint64(0)}
	a.handler, a.restorer = childHandler()
	if a.restorer != 0 {
		a.flags |= saRestorer
	}
	setAction(syscall.SIGCHLD, &a, &k.inbox.child)
}

func (k *Kernel) releaseChild() { setAction(syscall.SIGCHLD, &k.inbox.child, nil) }

const (
	saRestorer = 0x04000000
	saOnStack  = 0x08000000
	saRestart  = 0x10000000
)

// setAction fails only on a signal that cannot be caught.
func setAction(sig syscall.Signal, action, old *sigaction) {
	syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}
