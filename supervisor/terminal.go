package supervisor

import (
	"errors"
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// terminalKernel is what terminal asks of the kernel.
type terminalKernel interface {
	Foreground() (pgid int, own bool, err error)
	SetForeground(pgid int) error
	Modes() (syscall.Termios, error)
	SetModes(syscall.Termios) error
}

// terminal is gosv's controlling terminal under --run. gosv keeps the foreground until
// its command needs it, because the other processes of its job (a pager, a script, make)
// may need it too: a command that reads the terminal or sets its modes is stopped by TTIN
// or TTOU, and is given the terminal then. Until then keys send their signals to gosv,
// which forwards them.
type terminal struct {
	*core
	k       terminalKernel
	given   bool          // the process group of the command has it
	givenAt time.Duration // when a living command was last given it
	wanted  bool          // the living command was stopped because it needs it

	saved bool // modes are those before the terminal was first given
	modes syscall.Termios

	key     syscall.Signal // INT or QUIT: the last that was forwarded to the living command
	keyAt   time.Duration
	endedBy syscall.Signal // the key by which a person ended the run; 0: none
}

const (
	// keyLag is how long the signal of a key may take to be seen, also when gosv waits
	// for a processor.
	keyLag = time.Second
	// tidyBound is how long a command may take to tidy up after Ctrl-C or Ctrl-\. One
	// that ends later is taken to have handled the key, and to have failed by itself.
	tidyBound = time.Minute
)

// holds reports whether gosv is in the foreground.
func (t *terminal) holds() bool {
	_, own, err := t.k.Foreground()
	return err == nil && own
}

// hungUp reports whether gosv had a terminal that has hung up.
func (t *terminal) hungUp() bool {
	_, _, err := t.k.Foreground()
	return errors.Is(err, syscall.EIO)
}

// give gives the terminal to a process group. It reports whether gosv had it to give.
func (t *terminal) give(service string, group int) bool {
	pgid, own, err := t.k.Foreground()
	if err != nil || !own {
		t.given = t.given && err == nil && pgid == group
		return false
	}
	if !t.saved {
		t.modes, err = t.k.Modes()
		t.saved = err == nil
	}
	if err := t.k.SetForeground(group); err != nil {
		t.report(TerminalGiveFailed{Service: service, Group: group, Err: err})
		return false
	}
	t.given, t.givenAt = true, t.now()
	return true
}

// givenLately reports whether the command was given the terminal, or gosv lost it, a
// moment ago.
func (t *terminal) givenLately() bool { return t.given && t.now()-t.givenAt < keyLag }

// takeBack makes gosv the foreground group again if the terminal is given, whichever group
// the command has passed it on to.
func (t *terminal) takeBack() bool {
	if !t.given {
		return false
	}
	t.given = false
	err := t.k.SetForeground(0)
	if err != nil && !hasHungUp(err) {
		t.report(TerminalReclaimFailed{Err: err})
	}
	return err == nil
}

// reclaim takes the terminal back for good, with the modes that it had: a command that
// died in raw mode would leave the next run, and the shell, without echo and Ctrl-C.
func (t *terminal) reclaim() {
	if !t.takeBack() || !t.saved {
		return
	}
	if err := t.k.SetModes(t.modes); err != nil && !hasHungUp(err) {
		t.report(TerminalModesFailed{Err: err})
	}
}

// pressed notes a key whose signal the living command gets from gosv.
func (t *terminal) pressed(sig syscall.Signal) {
	if endsByKey(sig) {
		t.key, t.keyAt = sig, t.now()
	}
}

// ended reclaims the terminal from a command that exited, and reports whether a person
// ended it by a key: it died of the key's signal, or exited as a shell reports that, or it
// exited with another status soon after gosv had forwarded the key. While the command has
// the terminal gosv does not see keys.
func (t *terminal) ended(out lifecycle.Outcome, stopped bool) bool {
	hadKeys, pressed := t.given, t.key != 0 && t.now()-t.keyAt < tidyBound
	t.reclaim()
	t.wanted, t.key = false, 0
	if stopped || !hadKeys && !pressed {
		return false
	}
	if sig := syscall.Signal(out.ExitCode() - 128); endsByKey(sig) {
		t.endedBy = sig
		return true
	}
	return pressed
}

// endsByKey reports whether a key that sends this signal asks a program to end: Ctrl-C or
// Ctrl-\.
func endsByKey(sig syscall.Signal) bool { return sig == syscall.SIGINT || sig == syscall.SIGQUIT }

// hasHungUp reports whether an error means that the terminal has hung up.
func hasHungUp(err error) bool {
	return err == syscall.ENOTTY || err == syscall.EIO || err == syscall.ENXIO
}

// needsTerminal reports whether a process was stopped because another group has the
// terminal.
func needsTerminal(sig syscall.Signal) bool { return sig == syscall.SIGTTIN || sig == syscall.SIGTTOU }

var _ terminalKernel = sys.Terminal(nil)
