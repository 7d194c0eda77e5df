package supervisor

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// terminalKernel is what terminal asks of the kernel.
type terminalKernel interface {
	Foreground() (pgid int, own bool, err error)
	SetForeground(pgid int) error
}

// terminal is gosv's terminal for --run. The process group of the child is given the
// terminal, as its foreground group, so that Ctrl-C and Ctrl-Z reach the child and not
// gosv.
type terminal struct {
	*core
	k       terminalKernel
	given   bool          // the attached child has it
	givenAt time.Duration // when a living child was last given it
}

// own tells whether gosv has a terminal to give.
func (t *terminal) own() bool {
	_, own, err := t.k.Foreground()
	return err == nil && own
}

// give gives the terminal to a process group, and tells whether gosv had it to give.
func (t *terminal) give(service string, group int) bool {
	pgid, own, err := t.k.Foreground()
	if err != nil || !own {
		t.given = t.given && err == nil && pgid == group
		return false
	}
	if err := t.k.SetForeground(group); err != nil {
		t.report(TerminalGiveFailed{Service: service, Group: group, Err: err})
		return false
	}
	t.given, t.givenAt = true, t.now()
	return true
}

// ttySignalLag is how long the signal of a key may take to be seen, also when gosv
// waits for a processor.
const ttySignalLag = time.Second

// givenLately tells whether the child had the terminal, or gosv lost it, a moment ago.
func (t *terminal) givenLately() bool { return t.given && t.now()-t.givenAt < ttySignalLag }

// reclaim takes the terminal back if it is given, whichever group the child has passed
// it on to.
func (t *terminal) reclaim() {
	if !t.given {
		return
	}
	t.given = false
	if err := t.k.SetForeground(0); err != nil && !hungUp(err) {
		t.report(TerminalReclaimFailed{Err: err})
	}
}

// ended takes the terminal back from a child that exited, and tells whether the user
// ended it from there, by Ctrl-C or Ctrl-\: the signal killed it, or it caught that and
// exited as a shell reports such an end. One that exits with another status cannot be
// told from one that failed, since the terminal's signals go to its foreground group only.
func (t *terminal) ended(exitCode int, stopped bool) bool {
	if !t.given {
		return false
	}
	t.reclaim()
	switch syscall.Signal(exitCode - 128) {
	case syscall.SIGINT, syscall.SIGQUIT:
		return !stopped
	}
	return false
}

// hungUp tells of an error that means that the terminal was hung up.
func hungUp(err error) bool {
	return err == syscall.ENOTTY || err == syscall.EIO || err == syscall.ENXIO
}

// wantsTerminal tells of a stop because another group has the terminal.
func wantsTerminal(sig syscall.Signal) bool { return sig == syscall.SIGTTIN || sig == syscall.SIGTTOU }

var _ terminalKernel = sys.Terminal(nil)
