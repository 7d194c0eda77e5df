package supervisor

import (
	"syscall"

	"github.com/gosv/gosv/supervisor/instance"
)

// Job control for --run on a terminal: gosv does for its child what a shell does for a
// job.

// attached is the living child that stands in gosv's place, if there is one.
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

// jobControl follows the child into a stop: gosv takes the terminal back and stops too,
// so that the shell that started it goes on; when it is continued, so is the child. A
// child stopped by SIGSTOP was meant to be stopped alone.
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
	if wantsTerminal(sig) && s.terminal.give(in.svc.name(), in.child.Pid) {
		s.signalGroup(in, syscall.SIGCONT)
		return
	}
	s.stopSelf()
}

// stopSelf stops gosv as the shell's job that it is.
func (s *Supervisor) stopSelf() {
	s.terminal.reclaim()
	if err := s.k.StopSelf(); err != nil {
		s.report(StopSelfFailed{Err: err})
	}
	s.resumeJob()
}

// resumeJob continues the child, in the foreground if that is where gosv is now.
func (s *Supervisor) resumeJob() {
	in := s.attached()
	if in == nil {
		return
	}
	s.terminal.give(in.svc.name(), in.child.Pid)
	s.signalGroup(in, syscall.SIGCONT)
}

// forwardTTYSignal gives the child a key's signal that the terminal has sent to gosv, and
// the terminal with it. A shell that brings a running job to the foreground does not
// notify anyone: gosv learns only now that the child is to have the keys. Who sent a
// signal is not known, but it is taken for a key's if gosv has the terminal, or had it a
// moment ago.
func (s *Supervisor) forwardTTYSignal(sig syscall.Signal) bool {
	in := s.attached()
	if in == nil || s.ending.asked {
		return false
	}
	if lately := s.terminal.givenLately(); !s.terminal.give(in.svc.name(), in.child.Pid) && !lately {
		return false
	}
	s.signalGroup(in, sig)
	return true
}
