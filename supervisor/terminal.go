package supervisor

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Job control for --run on a terminal. The child's group is lent the terminal,
// as its foreground group, so that Ctrl-C and Ctrl-Z reach the child and not
// gosv; gosv does for it what a shell does for a job.

// attached is the living child that stands in gosv's place, if there is one.
func (s *Supervisor) attached() *generation {
	if !s.opt.Attached {
		return nil
	}
	g := s.services[0].gen
	if g == nil || g.child.Handle == 0 || g.ended {
		return nil
	}
	return g
}

// ownTerminal tells whether gosv has a terminal to lend.
func (s *Supervisor) ownTerminal() bool {
	_, own, err := s.k.Foreground()
	return err == nil && own
}

// jobControl follows the child into a stop: gosv takes the terminal back and
// stops too, so that the shell that started it goes on; when it is continued, so
// is the child. A child stopped by SIGSTOP was stopped by somebody who meant
// just that.
func (s *Supervisor) jobControl() {
	g := s.attached()
	if g == nil {
		return
	}
	sig, stopped, err := s.k.Stopped(g.child.Handle)
	if err != nil || !stopped || sig == syscall.SIGSTOP {
		return
	}
	if _, _, err := s.k.Foreground(); err != nil {
		return // no terminal, no shell's job
	}
	if wantsTerminal(sig) && s.lend(g) {
		s.signalGroup(g, syscall.SIGCONT)
		return
	}
	s.stopSelf()
}

// wantsTerminal tells of a stop because of the terminal's being another's.
func wantsTerminal(sig syscall.Signal) bool { return sig == syscall.SIGTTIN || sig == syscall.SIGTTOU }

// stopSelf stops gosv as the shell's job that it is.
func (s *Supervisor) stopSelf() {
	s.reclaimTerminal()
	if err := s.k.StopSelf(); err != nil {
		s.report(StopSelfFailed{Err: err})
	}
	s.resumeJob()
}

// resumeJob continues the child, in the foreground if that is where gosv is now.
func (s *Supervisor) resumeJob() {
	g := s.attached()
	if g == nil {
		return
	}
	s.lend(g)
	s.signalGroup(g, syscall.SIGCONT)
}

// lend gives the child the terminal, and tells whether gosv had it to give.
func (s *Supervisor) lend(g *generation) bool {
	pgid, own, err := s.k.Foreground()
	if err != nil || !own {
		s.lent = s.lent && err == nil && pgid == g.child.Pid
		return false
	}
	if err := s.k.SetForeground(g.child.Pid); err != nil {
		s.report(TerminalGiveFailed{Service: g.svc.conf.Name, Group: g.child.Pid, Err: err})
		return false
	}
	s.lent, s.lentAt = true, s.now()
	return true
}

// keyLag is how long the signal of a key may take to be seen, also when gosv waits
// for a processor.
const keyLag = time.Second

// passKey gives the child a key's signal that the terminal has sent to gosv, and
// the terminal with it. A shell that brings a running job to the foreground does
// not tell: gosv learns only now that the child is to have the keys. Who sent a
// signal is not known, but it is taken for a key's if gosv has the terminal, or
// had it a moment ago.
func (s *Supervisor) passKey(sig syscall.Signal) bool {
	g := s.attached()
	if g == nil || s.closing {
		return false
	}
	if had := s.lent && s.now()-s.lentAt < keyLag; !s.lend(g) && !had {
		return false
	}
	s.signalGroup(g, sig)
	return true
}

// reclaimTerminal takes the terminal back if it is lent, whichever group the
// child has passed it on to.
func (s *Supervisor) reclaimTerminal() {
	if !s.lent {
		return
	}
	s.lent = false
	if err := s.k.SetForeground(0); err != nil && !isGone(err) {
		s.report(TerminalReclaimFailed{Err: err})
	}
}

// terminalEnded takes the terminal back from a child that ended, and tells
// whether the user ended it from there, by Ctrl-C or Ctrl-\: the signal killed it, or
// it caught that and ended as a shell reports such an end. One that ends with another
// status cannot be told from one that failed, since the terminal's signals go to its
// foreground group only.
func (s *Supervisor) terminalEnded(g *generation, out lifecycle.Outcome) bool {
	if !s.lent {
		return false
	}
	s.reclaimTerminal()
	switch syscall.Signal(out.ExitCode() - 128) {
	case syscall.SIGINT, syscall.SIGQUIT:
		return !g.term
	}
	return false
}

// isGone: the terminal was hung up.
func isGone(err error) bool {
	return err == syscall.ENOTTY || err == syscall.EIO || err == syscall.ENXIO
}
