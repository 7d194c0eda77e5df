package linux

import (
	"os"
	"os/signal"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// terminal is stdin, if that is gosv's controlling terminal: the kernel answers
// ENOTTY for any other file (tty_ioctl(4), TIOCGPGRP).
const terminal = 0

// Foreground implements sys.Terminal.
func (k *Kernel) Foreground() (pgid int, own bool, err error) {
	pgid, err = unix.IoctlGetInt(terminal, unix.TIOCGPGRP)
	return pgid, err == nil && pgid == unix.Getpgrp(), err
}

// SetForeground implements sys.Terminal. SIGTTOU is blocked for the call, on
// this thread: ignoring it would leak into children.
func (k *Kernel) SetForeground(pgid int) error {
	if pgid == 0 {
		pgid = unix.Getpgrp()
	}
	return withoutTTOU(func() error {
		_, err := retry(func() (int, error) { return 0, unix.IoctlSetPointerInt(terminal, unix.TIOCSPGRP, pgid) })
		return err
	})
}

// Stopped implements sys.Terminal.
func (k *Kernel) Stopped(h sys.Handle) (syscall.Signal, bool, error) {
	k.find(h)
	_, w, err := waitID(unix.P_PIDFD, int(h), unix.WSTOPPED|unix.WNOHANG)
	return w.stopped, w.stopped != 0, err
}

// sigaction is struct sigaction of the kernel (rt_sigaction(2)). The order of the
// fields is that of both architectures; arm64 does not use restorer.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// setAction fails only on a signal that cannot be caught.
func setAction(sig syscall.Signal, action, old *sigaction) {
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// StopSelf implements sys.Terminal. The kernel does not stop an orphaned
// process group (no shell could continue it): then no SIGCONT comes either and
// the wait for it ends by itself.
func (k *Kernel) StopSelf() error {
	if _, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP); err != nil {
		return err
	}
	const stopTakes = 100 * time.Millisecond
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	defer signal.Stop(continued)
	// Once it has been caught, Go never gives this signal its default back.
	var ours sigaction
	setAction(unix.SIGTSTP, &sigaction{}, &ours)
	defer setAction(unix.SIGTSTP, &ours, nil)
	if err := unix.Kill(0, unix.SIGTSTP); err != nil {
		return err
	}
	select {
	case <-continued:
	case <-time.After(stopTakes):
	}
	return nil
}
