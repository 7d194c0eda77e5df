//go:build amd64 || arm64

package linux

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// childMemory is the memory that gosv and a child share until its execve. The
// kernel writes pid and pidfd before the child runs its first instruction, so that
// Abort can read them meanwhile.
type childMemory struct {
	list  syscallList
	args  cloneArgs
	call  systemCall
	pidfd int32
	pid   int32
}

// cloneArgs is struct clone_args of clone3(2), with names for the fields in use.
type cloneArgs struct {
	flags, pidfd, _, parentTID, exitSignal, _, _, _, _, _, cgroup uint64
}

var allSignals = unix.Sigset_t{Val: [16]uint64{^uint64(0)}}

// childFlags have the child share memory and descriptors with gosv, which waits
// until the child executes its program or ends. The child needs descriptors of its
// own before that: close_range(2) with CLOSE_RANGE_UNSHARE copies only those below
// its range, and gosv's table has thousands of entries when it has a thousand
// services. Without close_range the kernel copies the whole table at the clone.
func (f features) childFlags() uint64 {
	flags := uint64(unix.CLONE_VM | unix.CLONE_VFORK | unix.CLONE_PIDFD)
	if f.closeRange {
		flags |= unix.CLONE_FILES
	}
	return flags
}

// reset forgets the last child.
func (m *childMemory) reset() {
	atomic.StoreInt32(&m.pid, 0)
	atomic.StoreInt32(&m.pidfd, -1)
}

// prepareClone3 prepares the call; cgroup is the descriptor of one to start in, or
// -1.
func (m *childMemory) prepareClone3(f features, cgroup int) {
	m.args = cloneArgs{
		flags:      f.childFlags() | unix.CLONE_PARENT_SETTID | unix.CLONE_CLEAR_SIGHAND,
		pidfd:      uint64(address(&m.pidfd)),
		parentTID:  uint64(address(&m.pid)),
		exitSignal: uint64(unix.SIGCHLD),
	}
	if cgroup >= 0 {
		m.args.flags |= unix.CLONE_INTO_CGROUP
		m.args.cgroup = uint64(cgroup)
	}
	m.call = systemCall{unix.SYS_CLONE3, [5]uintptr{address(&m.args), unsafe.Sizeof(m.args)}}
}

// prepareClone passes the address of pid in both places where an architecture may
// expect child_tid; the other one is tls, which no flag asks for.
func (m *childMemory) prepareClone(f features) {
	flags := uintptr(f.childFlags()) | unix.CLONE_CHILD_SETTID | uintptr(unix.SIGCHLD)
	m.call = systemCall{unix.SYS_CLONE, [5]uintptr{flags, 0, address(&m.pidfd), address(&m.pid), address(&m.pid)}}
}

// clone makes the child, after reset and the preparation of the call, and returns when it has executed its program, has failed to
// (see list), or was killed. It unblocks signals right before execve.
func (m *childMemory) clone() syscall.Errno {
	errno := cloneWithSignalsBlocked(&m.call, &m.list)
	runtime.KeepAlive(m)
	if errno != 0 {
		m.reset() // the kernel may have written the number of a pidfd before it failed
	}
	return errno
}

// cloneWithSignalsBlocked makes a clone that shares gosv's memory. The calling
// goroutine is locked to its thread. A handler of gosv must not run in the child, so
// it starts with all signals blocked.
func cloneWithSignalsBlocked(call *systemCall, list *syscallList) syscall.Errno {
	var mask unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &allSignals, &mask)
	r1 := blockingCall(call, list)
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &mask, nil)
	return errnoOfCall(r1)
}

// kill kills the child while clone is under way; false if it is not there yet.
func (m *childMemory) kill() bool {
	if atomic.LoadInt32(&m.pid) == 0 {
		return false
	}
	_ = unix.PidfdSendSignal(int(atomic.LoadInt32(&m.pidfd)), unix.SIGKILL, nil, 0) // ESRCH: it has ended
	return true
}
