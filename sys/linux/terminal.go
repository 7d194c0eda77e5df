package linux

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// terminal is the controlling terminal. /dev/tty names it whatever stdin is (tty(4)).
type terminal struct {
	fd int // -1: there is none
	// ownGroup: gosv has left a process group of another PID namespace. The shell of
	// that group does not wait for gosv's own.
	ownGroup bool
}

// openTerminal opens the controlling terminal, if there is one. O_NONBLOCK is for
// readable.
func openTerminal() terminal {
	fd, err := open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK)
	if err != nil {
		return terminal{fd: -1}
	}
	return terminal{fd: fd}
}

// answer maps an error of an ioctl(2). A terminal that has hung up answers EIO or
// ENOTTY (hung_up_tty_ioctl and tiocgpgrp of drivers/tty).
func (t *terminal) answer(err error) error {
	switch {
	case t.fd < 0:
		return unix.ENOTTY
	case err == unix.ENOTTY:
		return unix.EIO
	}
	return err
}

// Foreground implements sys.Terminal.
func (k *Kernel) Foreground() (pgid int, own bool, err error) {
	t := &k.terminal
	pgid, err = unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	if err != nil {
		return 0, false, t.answer(err)
	}
	own = pgid == unix.Getpgrp()
	if own && pgid == 0 {
		own = t.readable() // every group of another PID namespace is 0
	}
	return pgid, own, nil
}

// readable reports whether gosv's process group is the one that may read: read(2) from
// another one fails with EIO where SIGTTIN is blocked (__tty_check_change of
// drivers/tty/tty_jobctrl.c), also a read of no bytes.
func (t *terminal) readable() bool {
	return withBlocked(unix.SIGTTIN, func() error {
		_, err := unix.Read(t.fd, make([]byte, 1)[:0])
		return err
	}) != unix.EIO
}

// SetForeground implements sys.Terminal. SIGTTOU is blocked for the call, on
// this thread: ignoring it would leak into children.
func (k *Kernel) SetForeground(pgid int) error {
	t := &k.terminal
	if t.fd >= 0 && unix.Getpgrp() == 0 {
		if err := unix.Setpgid(0, 0); err != nil {
			return err
		}
		t.ownGroup = true
	}
	if pgid == 0 {
		pgid = unix.Getpgrp()
	}
	return t.answer(withBlocked(unix.SIGTTOU, func() error {
		_, err := retry(func() (int, error) { return 0, unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, pgid) })
		return err
	}))
}

// Modes implements sys.Terminal.
func (k *Kernel) Modes() (modes syscall.Termios, err error) {
	err = k.terminal.answer(k.terminal.modes(unix.TCGETS, &modes))
	return modes, err
}

// SetModes implements sys.Terminal.
func (k *Kernel) SetModes(modes syscall.Termios) error {
	return k.terminal.answer(withBlocked(unix.SIGTTOU, func() error { return k.terminal.modes(unix.TCSETS, &modes) }))
}

func (t *terminal) modes(request uintptr, modes *syscall.Termios) error {
	_, err := retry(func() (int, error) {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(t.fd), request, address(modes)); errno != 0 {
			return 0, errno
		}
		return 0, nil
	})
	return err
}

// Stopped implements sys.Terminal.
func (k *Kernel) Stopped(h sys.Handle) (syscall.Signal, bool, error) {
	k.find(h)
	_, w, err := waitID(unix.P_PIDFD, int(h), unix.WSTOPPED|unix.WNOHANG)
	return w.stopped, w.stopped != 0, err
}

// StopSelf implements sys.Terminal. The kernel does not stop an orphaned
// process group, nor PID 1 of a namespace: then no SIGCONT comes either and
// the wait for it ends by itself.
func (k *Kernel) StopSelf() (stopped bool, err error) {
	if _, _, err := k.Foreground(); err != nil || k.terminal.ownGroup {
		return false, err
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
		return false, err
	}
	select {
	case <-continued:
		return true, nil
	case <-time.After(stopTakes):
		return false, nil
	}
}
