//go:build amd64 || arm64

package linux

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// Why not syscall.ForkExec: during CLONE_VFORK it keeps its P (the right to run
// Go code). An exec that hangs (a frozen cgroup, a dead network file system) then
// stops the whole program at the next garbage collection, the loop included. And
// whatever thread of Go's does it, a start waits for Go's scheduler several times,
// which on two processors takes longer than the kernel takes for the start.
//
// So processes are started by threads that Go does not know: they were made by
// clone(2), run the assembly of this package and nothing else, and have no stack
// and no signals. Each waits in futex(2) for an order, makes the system call that
// stands in it, tells the loop as the handler of SIGCHLD does, and waits again.

// thread is such a thread, and what it works on. The assembly knows the offsets of
// the fields.
type thread struct {
	state  uint32 // idle, ordered or quit; what the thread waits for
	tid    uint32 // cleared by the kernel when the thread has ended
	clone  [6]uintptr
	result uintptr // of clone: a pid or a negated errno
	born   unix.Timespec
	done   uint32 // 1: result stands
	wakeup int32  // Kernel.wakeup
	// pending is Kernel.pending.
	pending *atomic.Uint32
	event   uint64 // what is written to wakeup

	birth birth
	slots slots
}

const (
	idle uint32 = iota
	ordered
	quit
)

//lint:ignore U1000 the assembly reads it
const wokeSpawn = uint32(sys.WokeSpawn)

// runThread makes a thread that works for t. The result is its number, or a
// negated errno.
func runThread(flags uintptr, t *thread) (r1 uintptr)

const threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD |
	unix.CLONE_SYSVSEM | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID

// newThread makes one.
func (k *Kernel) newThread() (*thread, error) {
	t := &thread{wakeup: int32(k.wakeup), pending: &k.pending, event: 1}
	if err := t.slots.reserve(k.null); err != nil {
		return nil, err
	}
	t.slots.reach(k.null)
	if err := t.run(); err != nil {
		t.slots.close()
		return nil, err
	}
	return t, nil
}

// run begins the thread. It is born with all signals blocked: a handler of gosv must
// not run there, nor in a child, which shares our memory and unblocks as its last
// act. And the kernel gives SIGCHLD first of all to the thread that made the
// child (complete_signal in kernel/signal.c).
func (t *thread) run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var mask unix.Sigset_t
	unix.PthreadSigmask(unix.SIG_SETMASK, &allSignals, &mask)
	r := runThread(threadFlags, t)
	unix.PthreadSigmask(unix.SIG_SETMASK, &mask, nil)
	if -r < 4096 {
		return syscall.Errno(-r)
	}
	return nil
}

// order has the thread make a clone whose child runs the script.
func (t *thread) order(clone [6]uintptr) {
	t.clone = clone
	t.say(ordered)
}

func (t *thread) say(state uint32) {
	atomic.StoreUint32(&t.state, state)
	syscall.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&t.state)), futexWakePrivate, 1, 0, 0, 0)
}

// finished takes the result of an order, if there is one.
func (t *thread) finished() bool {
	return atomic.LoadUint32(&t.done) == 1 && atomic.CompareAndSwapUint32(&t.done, 1, 0)
}

// cloneErrno is 0 if a process was made.
func (t *thread) cloneErrno() syscall.Errno {
	if -t.result < 4096 {
		return syscall.Errno(-t.result)
	}
	return 0
}

func (t *thread) usedClone3() bool { return t.clone[0] == unix.SYS_CLONE3 }

// end ends an idle thread.
func (t *thread) end() {
	t.say(quit)
	t.join()
	t.slots.close()
}

// join returns when a thread that was told to quit has ended, and the kernel does not
// touch t any more.
func (t *thread) join() {
	for {
		tid := atomic.LoadUint32(&t.tid)
		if tid == 0 {
			break
		}
		// The kernel's wake at the end of a thread is not a private one.
		syscall.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&t.tid)), futexWait, uintptr(tid), 0, 0, 0)
	}
}

const (
	futexWait        = 0
	futexWakePrivate = 1 | 128
)
