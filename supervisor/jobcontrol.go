package supervisor

import (
	"syscall"

	"github.com/gosv/gosv/supervisor/instance"
)

// Job control for --run on a terminal: gosv does for its command what a shell does for a
// job.

// attached is the living command that stands in gosv's place, if there is one.
func (s *Supervisor) attached() *liveInstance {
	if !s.opt.Attached || len(s.services.ordered) == 0 {
		return nil
	}
	in := s.services.ordered[0].inst
	if in == nil || in.state.Stage() != instance.StageAlive {
		return nil
	}
	return in
}

// jobControl follows the command into a stop. One that needs the terminal gets it.
// Otherwise gosv stops too, so that the shell that started it goes on; when gosv is
// continued, so is the command. A command stopped by SIGSTOP was meant to be stopped
// alone.
func (s *Supervisor) jobControl() {
	in := s.attached()
	if in == nil {
		return
	}
	sig, stopped, err := s.k.Stopped(in.child.Handle)
	if err != nil || !stopped || sig == syscall.SIGSTOP {
		return
	}
	if _, _, err := s.k.Foreground(); err != nil {
		return // no terminal, no shell's job
	}
	if needsTerminal(sig) {
		s.terminal.wanted = true
		if s.terminal.give(in.svc.name(), in.child.Pid) {
			s.signalGroup(in, syscall.SIGCONT)
			return
		}
	}
	if !s.stopSelf() && needsTerminal(sig) {
		s.report(TerminalOutOfReach{Service: in.svc.name(), PID: in.child.Pid, Signal: sig})
		return
	}
	s.resumeJob()
}

// stopSelf stops gosv as the shell's job that it is, and returns when gosv was continued.
// It returns false if gosv was not stopped: no shell could continue it.
func (s *Supervisor) stopSelf() bool {
	s.terminal.takeBack()
	stopped, err := s.k.StopSelf()
	if err != nil {
		s.report(StopSelfFailed{Err: err})
	}
	return stopped
}

// resumeJob continues the command, in the foreground if gosv is there and the command
// needs it.
func (s *Supervisor) resumeJob() {
	in := s.attached()
	if in == nil {
		return
	}
	if s.terminal.wanted {
		s.terminal.give(in.svc.name(), in.child.Pid)
	}
	s.signalGroup(in, syscall.SIGCONT)
}

// forwardKey passes the signal of a key on to the command, and the terminal with it if the
// command has asked for that: a shell that brings a running job to the foreground does not
// notify anyone, and gosv learns only now that it has the terminal. The sender of a signal
// is not known, but it is taken for a key's if gosv has the terminal, or had it a moment
// ago.
func (s *Supervisor) forwardKey(sig syscall.Signal) bool {
	in := s.attached()
	if in == nil || s.ending.asked {
		return false
	}
	switch t := &s.terminal; {
	case t.wanted:
		if lately := t.givenLately(); !t.give(in.svc.name(), in.child.Pid) && !lately {
			return false
		}
	case !t.holds():
		return false
	}
	s.terminal.pressed(sig)
	s.signalGroup(in, sig)
	return true
}

// interrupted obeys an INT or QUIT: it is the command's, or ends gosv. Between two runs a
// person ends the whole by a key.
func (s *Supervisor) interrupted(sig syscall.Signal) {
	if s.forwardKey(sig) {
		return
	}
	if s.opt.Attached && s.attached() == nil && s.terminal.holds() {
		s.terminal.endedBy = sig
	}
	s.shutdown(sig)
}
