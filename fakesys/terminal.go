package fakesys

import (
	"syscall"

	"github.com/gosv/gosv/sys"
)

// terminal is gosv's controlling terminal.
type terminal struct {
	foreground int // process group
	modes      syscall.Termios
	hungUp     bool
}

// sane are the modes that a shell leaves: line by line, with echo and with the keys that
// send signals (termios(3)).
var sane = syscall.Termios{Iflag: syscall.ICRNL, Oflag: syscall.OPOST, Lflag: syscall.ISIG | syscall.ICANON | syscall.ECHO}

func newTerminal(self *process) *terminal {
	self.tty = true
	return &terminal{foreground: self.pgid, modes: sane}
}

// usable is the error of an ioctl(2) on the terminal.
func (t *terminal) usable() error {
	switch {
	case t == nil:
		return syscall.ENOTTY
	case t.hungUp:
		return syscall.EIO
	}
	return nil
}

// Foreground is tcgetpgrp(3).
func (k *Kernel) Foreground() (pgid int, own bool, err error) {
	k.call()
	if err = k.tty.usable(); err == nil {
		pgid = k.tty.foreground
		own = pgid == k.self.pgid
	}
	k.done(OpForeground, pgid, 0, "", err)
	return pgid, own, err
}

// SetForeground is tcsetpgrp(3) with SIGTTOU blocked.
func (k *Kernel) SetForeground(pgid int) error {
	k.call()
	err := k.setForeground(pgid)
	k.done(OpSetForeground, pgid, 0, "", err)
	return err
}

func (k *Kernel) setForeground(pgid int) error {
	if pgid == 0 {
		pgid = k.self.pgid
	}
	if err := k.tty.usable(); err != nil {
		return err
	}
	if pgid < 0 {
		return syscall.EINVAL
	}
	for _, p := range k.table.byPid {
		if p != nil && p.pgid == pgid {
			if p.sid != k.self.sid {
				return syscall.EPERM
			}
			k.tty.foreground = pgid
			return nil
		}
	}
	return syscall.ESRCH
}

// Modes is tcgetattr(3).
func (k *Kernel) Modes() (modes syscall.Termios, err error) {
	k.call()
	if err = k.tty.usable(); err == nil {
		modes = k.tty.modes
	}
	k.done(OpModes, 0, 0, "", err)
	return modes, err
}

// SetModes is tcsetattr(3) with SIGTTOU blocked.
func (k *Kernel) SetModes(modes syscall.Termios) error {
	k.call()
	err := k.tty.usable()
	if err == nil {
		k.tty.modes = modes
	}
	k.done(OpSetModes, 0, 0, "", err)
	return err
}

// Stopped is waitid(WSTOPPED|WNOHANG). It returns each stop once, and ECHILD for a zombie
// (wait_consider_task of kernel/exit.c).
func (k *Kernel) Stopped(h sys.Handle) (sig syscall.Signal, stopped bool, err error) {
	k.call()
	p := k.held(h, OpStopped).proc
	switch {
	case p.waitable() || p.reaped || p.parent != k.self:
		err = syscall.ECHILD
	case p.stopped && !p.reported:
		p.reported = true
		sig, stopped = p.stopSig, true
	}
	k.done(OpStopped, p.pid, int(sig), "", err)
	return sig, stopped, err
}

// StopSelf stops gosv until it gets a CONT. The rest of the world continues.
func (k *Kernel) StopSelf() (stopped bool, err error) {
	k.call()
	if err = k.tty.usable(); err == nil && !k.opt.NoShell {
		stopped = true
		k.self.stopped = true
		for k.self.stopped && !k.dead() {
			k.run()
		}
		k.survived()
	}
	k.done(OpStopSelf, 0, 0, "", err)
	return stopped, err
}

// continued is SIGCONT to gosv.
func (k *Kernel) continued() {
	k.self.stopped = false
	if k.pending != 0 {
		k.wake(0)
	}
}
