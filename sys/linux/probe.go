//go:build amd64 || arm64

package linux

import (
	"fmt"
	"math"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// features are system calls that gosv can do without.
type features struct {
	closeRange bool // close_range(2), Linux 5.9
	clone3     bool // clone3(2) with CLONE_CLEAR_SIGHAND, Linux 5.5, which older container runtimes refuse
	intoCgroup bool // CLONE_INTO_CGROUP, Linux 5.7
}

// probe tries once what this package is built on, with a child that exits at once. It
// fails where gosv cannot work at all.
func probe() (f features, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := probePidfd(); err != nil {
		return f, err
	}
	f.closeRange = unix.CloseRange(math.MaxInt32, math.MaxInt32, 0) == nil
	m := &childMemory{}
	m.prepareClone3(f, -1)
	switch errno := m.probeClone(); errno {
	case 0:
		f.clone3 = true
	case syscall.ENOSYS, syscall.EPERM, syscall.EINVAL: // unknown, refused by a seccomp filter, or without CLONE_CLEAR_SIGHAND
		m.prepareClone(f)
		if errno := m.probeClone(); errno != 0 {
			return f, fmt.Errorf("cannot start processes: clone with CLONE_PIDFD: %w; Linux 5.4 or newer is needed, and a seccomp filter must allow clone", errno)
		}
	default:
		return f, fmt.Errorf("cannot start processes: clone3: %w", errno)
	}
	if f.clone3 {
		m.prepareClone3(f, math.MaxInt32) // no such descriptor
		f.intoCgroup = m.probeClone() == syscall.EBADF
	}
	return f, nil
}

func probePidfd() error {
	fd, err := unix.PidfdOpen(unix.Getpid(), 0)
	if err != nil {
		return refusal("pidfd_open", err)
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, 0, nil, 0); err != nil {
		return refusal("pidfd_send_signal", err)
	}
	if _, _, err := waitID(unix.P_PIDFD, fd, unix.WEXITED|unix.WNOHANG); err != unix.ECHILD {
		return refusal("waitid with P_PIDFD", err)
	}
	return nil
}

// refusal explains why a system call that gosv needs does not work.
func refusal(call string, err error) error {
	switch err {
	case unix.ENOSYS, unix.EINVAL:
		return fmt.Errorf("cannot supervise processes: %s: %w; Linux 5.4 or newer is needed", call, err)
	case unix.EPERM, unix.EACCES:
		return fmt.Errorf("cannot supervise processes: %s: %w; allow it in the seccomp filter of this container", call, err)
	}
	return fmt.Errorf("cannot supervise processes: %s: %w", call, err)
}

// probeClone makes a child that exits at once, and reaps it.
func (m *childMemory) probeClone() syscall.Errno {
	m.reset()
	m.list = syscallList{}
	m.list.add(failedStep{}, unix.SYS_EXIT, 0)
	if errno := m.clone(); errno != 0 {
		return errno
	}
	defer unix.Close(int(m.pidfd))
	if _, _, err := waitID(unix.P_PIDFD, int(m.pidfd), unix.WEXITED); err != nil {
		return errnoOf(err)
	}
	return 0
}
