//go:build amd64 || arm64

package linux

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// call is one system call of a child between its birth and execve.
type call struct{ nr, a1, a2, a3, a4 uintptr }

// script is what a child does, in memory shared with gosv until execve. The
// child runs no Go code and touches no stack: the assembly makes the calls one
// by one and, if one fails, leaves its address and errno here and exits.
// The assembly knows the offsets of the fields.
type script struct {
	failed uintptr
	errno  uintptr
	calls  [12 + signals]call
	n      int
}

const signals = 64

func (s *script) add(nr, a1, a2, a3, a4 uintptr) {
	s.calls[s.n] = call{nr, a1, a2, a3, a4}
	s.n++
}

// failure gives the system call that failed; ok is false if none did.
func (s *script) failure() (nr uintptr, errno syscall.Errno, ok bool) {
	if s.failed == 0 {
		return 0, 0, false
	}
	i := (s.failed - uintptr(unsafe.Pointer(&s.calls[0]))) / unsafe.Sizeof(call{})
	return s.calls[i].nr, syscall.Errno(s.errno), true
}

// birth is the memory of one start. The kernel writes pid and pidfd before the
// child runs its first instruction, so that Abort can read them meanwhile.
type birth struct {
	script script
	args   cloneArgs
	pidfd  int32
	pid    int32

	noAction [4]uintptr // struct sigaction: SIG_DFL
	noMask   uint64
	nofile   unix.Rlimit
}

// cloneArgs is struct clone_args of clone3(2).
type cloneArgs struct {
	flags, pidfd, childTID, parentTID, exitSignal, stack, stackSize, tls, setTID, setTIDSize, cgroup uint64
}

var (
	allSignals = unix.Sigset_t{Val: [16]uint64{^uint64(0)}}
	itself     = byte('0') // in cgroup.procs: the process that writes
)

// orders is what a child is to do, in C form.
type orders struct {
	path       *byte
	argv, envv []*byte
	dir        *byte // nil: stay
	files      []int // become 0, 1, 2; none: keep gosv's own
	above      int   // descriptors from here on are not the child's business
	tty        int   // give it to the new group; 0: do not
	cgroup     int   // be born there; -1: gosv's own
	procs      int   // its cgroup.procs: move there; 0: do not
}

var noClone3 atomic.Bool

// prepare writes the script, and gives the system call that makes the child: it
// returns when the child executes its program or has ended. Its errno is that of
// clone; whether a later step failed stands in b.script.
func (b *birth) prepare(o *orders, useClone3 bool) [6]uintptr {
	b.script.failed, b.script.n = 0, 0
	atomic.StoreInt32(&b.pid, 0)
	atomic.StoreInt32(&b.pidfd, -1)
	b.write(o, !useClone3)
	if useClone3 {
		return b.clone3(o.cgroup)
	}
	return b.clone()
}

// refused tells whether clone3 itself is not to be had: not known or not
// allowed (ENOSYS and EPERM, by the seccomp filter of a container), or older
// than CLONE_CLEAR_SIGHAND of Linux 5.5 (EINVAL).
func refused(errno syscall.Errno) bool {
	return errno == syscall.ENOSYS || errno == syscall.EPERM || errno == syscall.EINVAL
}

func (b *birth) clone3(cgroup int) [6]uintptr {
	b.args = cloneArgs{
		flags:      sharedFiles() | unix.CLONE_VM | unix.CLONE_VFORK | unix.CLONE_PIDFD | unix.CLONE_PARENT_SETTID | unix.CLONE_CLEAR_SIGHAND,
		pidfd:      uint64(uintptr(unsafe.Pointer(&b.pidfd))),
		parentTID:  uint64(uintptr(unsafe.Pointer(&b.pid))),
		exitSignal: uint64(unix.SIGCHLD),
	}
	if cgroup >= 0 {
		b.args.flags |= unix.CLONE_INTO_CGROUP
		b.args.cgroup = uint64(cgroup)
	}
	return [6]uintptr{unix.SYS_CLONE3, uintptr(unsafe.Pointer(&b.args)), unsafe.Sizeof(b.args)}
}

// clone gives the address of pid in both places where an architecture may
// expect child_tid; the other one is tls, which no flag asks for.
func (b *birth) clone() [6]uintptr {
	flags := uintptr(sharedFiles()) | unix.CLONE_VM | unix.CLONE_VFORK | unix.CLONE_PIDFD | unix.CLONE_CHILD_SETTID | uintptr(unix.SIGCHLD)
	pid := uintptr(unsafe.Pointer(&b.pid))
	return [6]uintptr{unix.SYS_CLONE, flags, 0, uintptr(unsafe.Pointer(&b.pidfd)), pid, pid}
}

// write writes the script. resetHandlers does what CLONE_CLEAR_SIGHAND does.
func (b *birth) write(o *orders, resetHandlers bool) {
	s := &b.script
	s.add(unix.SYS_SETPGID, 0, 0, 0, 0)
	if o.procs > 0 {
		s.add(unix.SYS_WRITE, uintptr(o.procs), uintptr(unsafe.Pointer(&itself)), 1, 0)
	}
	if o.tty > 0 {
		s.add(unix.SYS_IOCTL, uintptr(o.tty), unix.TIOCSPGRP, uintptr(unsafe.Pointer(&b.pid)), 0)
	}
	if resetHandlers {
		for sig := uintptr(1); sig <= signals; sig++ {
			if caught(sig) {
				s.add(unix.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&b.noAction)), 0, 8)
			}
		}
	}
	if o.dir != nil {
		s.add(unix.SYS_CHDIR, uintptr(unsafe.Pointer(o.dir)), 0, 0, 0)
	}
	if sharedFiles() != 0 {
		s.add(unix.SYS_CLOSE_RANGE, uintptr(o.above), math.MaxUint32, unix.CLOSE_RANGE_UNSHARE, 0)
	}
	for i, fd := range o.files {
		s.add(unix.SYS_DUP3, uintptr(fd), uintptr(i), 0, 0)
	}
	if limit := originalNofile(); limit != nil {
		b.nofile = *limit
		s.add(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&b.nofile)), 0)
	}
	s.add(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&b.noMask)), 0, 8)
	s.add(unix.SYS_EXECVE, uintptr(unsafe.Pointer(o.path)), uintptr(unsafe.Pointer(&o.argv[0])), uintptr(unsafe.Pointer(&o.envv[0])), 0)
}

// caught tells whether gosv has a handler for the signal.
func caught(sig uintptr) bool {
	var action [4]uintptr
	_, _, errno := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, sig, 0, uintptr(unsafe.Pointer(&action)), 8, 0, 0)
	const sigIgn = 1
	return errno == 0 && action[0] > sigIgn
}

// originalNofile gives the soft limit of open files that this program was
// started with, nil if Go's start-up left it as it was. Go raises it to one
// below the hard limit (syscall/rlimit.go), keeps the old one to itself and
// gives it back to children of ForkExec: so it is read from such a child, which
// stops at its exec (ptrace) and is killed. Where tracing is forbidden,
// children keep the raised limit.
var originalNofile = sync.OnceValue(func() *unix.Rlimit {
	var own, was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil || own.Cur != own.Max-1 {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := syscall.ForkExec("/proc/self/exe", []string{"gosv"}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return nil
	}
	_, err = retry(func() (int, error) { return unix.Wait4(pid, nil, 0, nil) })
	if err == nil {
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &was)
	}
	unix.Kill(pid, unix.SIGKILL)
	retry(func() (int, error) { return unix.Wait4(pid, nil, 0, nil) })
	if err != nil {
		return nil
	}
	return &was
})
