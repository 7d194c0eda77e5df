package linux

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// terminal opens the controlling terminal at first use.
func (k *Kernel) terminal() (int, error) {
	if k.tty > 0 {
		return k.tty, nil
	}
	fd, err := open(ttyPath, unix.O_RDWR|unix.O_NOCTTY)
	if err != nil {
		return 0, unix.ENOTTY
	}
	k.tty = fd
	return fd, nil
}

// Foreground implements sys.Terminal.
func (k *Kernel) Foreground() (pgid int, own bool, err error) {
	fd, err := k.terminal()
	if err != nil {
		return 0, false, err
	}
	pgid, err = unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return pgid, err == nil && pgid == unix.Getpgrp(), err
}

// SetForeground implements sys.Terminal. SIGTTOU is blocked for the call, on
// this thread: ignoring it would leak into children.
func (k *Kernel) SetForeground(pgid int) error {
	fd, err := k.terminal()
	if err != nil {
		return err
	}
	if pgid == 0 {
		pgid = unix.Getpgrp()
	}
	return withoutTTOU(func() error {
		_, err := retry(func() (int, error) { return 0, unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, pgid) })
		return err
	})
}

// Stopped implements sys.Terminal.
func (k *Kernel) Stopped(h sys.Handle) (syscall.Signal, bool, error) {
	k.find(h)
	_, w, err := waitID(unix.P_PIDFD, int(h), unix.WSTOPPED|unix.WNOHANG)
	return w.stopped, w.stopped != 0, err
}

// StopSelf implements sys.Terminal. The kernel does not stop an orphaned
// process group (nobody could continue it): then no SIGCONT comes either and
// the wait for it ends by itself.
func (k *Kernel) StopSelf() error {
	if _, err := k.terminal(); err != nil {
		return err
	}
	const stopTakes = 100 * time.Millisecond
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	defer signal.Stop(continued)
	if err := unix.Kill(0, unix.SIGTSTP); err != nil {
		return err
	}
	select {
	case <-continued:
	case <-time.After(stopTakes):
	}
	return nil
}
