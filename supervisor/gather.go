package supervisor

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// turn is one round of the loop. The order matters: results of starts come
// before exits, so that an early exit finds its service, and exits before
// whatever might signal, so that nothing signals what is known to be gone. The
// instant up to which deadlines have come is before all of these, so that what
// happened in time is known before a deadline acts on its not having happened.
func (s *Supervisor) turn(woke sys.Reason) {
	due := s.now()
	for _, r := range s.k.Spawned() {
		s.born(r)
	}
	s.takeExits()
	if woke&sys.WokeChild != 0 {
		s.sweep()
		s.sweepAllSoon()
		s.recheckLoose()
		s.jobControl()
	}
	s.takeNotices()
	for _, result := range s.k.Finished() {
		result.(finished)(s)
	}
	s.obeySignals()
	for _, c := range s.takeCommands() {
		s.obey(c)
	}
	if woke&sys.WokeDeadline != 0 {
		s.alarms.fire(due)
	}
	s.removeVacant()
}

// takeExits takes those that ended. All of them had ended before gosv is asked
// once whether it has orphans: if it has none, nothing of any of them is left.
func (s *Supervisor) takeExits() {
	handles := s.k.Exited()
	if len(handles) > 0 {
		orphans, err := s.k.Orphans()
		s.childless = err == nil && !orphans.Exist
	}
	defer func() { s.childless = false }()
	for _, h := range handles {
		if g := s.byHandle[h]; g != nil {
			s.mainEnded(g)
			continue
		}
		s.reapLate(h)
	}
}

// takeNotices looks at the cgroups that are said to have changed.
func (s *Supervisor) takeNotices() {
	for _, id := range s.k.Changed() {
		if g := s.byWatch[id]; g != nil {
			s.recheck(g)
		}
	}
}

// obeySignals takes the signals that came.
func (s *Supervisor) obeySignals() {
	for _, sig := range s.k.Signals() {
		s.signalled(sig)
	}
}

// signalled obeys a signal sent to gosv itself.
func (s *Supervisor) signalled(sig syscall.Signal) {
	switch sig {
	case syscall.SIGINT, syscall.SIGQUIT:
		if !s.passKey(sig) {
			s.shutdown(sig)
		}
	case syscall.SIGTSTP:
		if !s.passKey(sig) {
			s.stopSelf()
		}
	case syscall.SIGCONT:
		s.resumeJob()
	case syscall.SIGTERM,
		// Whoever sends one of these wants gosv to end, and would leave its
		// services behind.
		syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS:
		s.shutdown(sig)
	case syscall.SIGHUP:
		if s.opt.Attached {
			s.shutdown(sig)
			return
		}
		s.report(SignalIgnored{level: Warning, Signal: sig, Reason: "reload is not available yet; the configuration stays as it is"})
	case syscall.SIGUSR1:
		s.dump()
	case syscall.SIGUSR2:
		s.report(SignalIgnored{level: Info, Signal: sig, Reason: "there are no log files to reopen"})
	}
}

// step hands an event to the service and carries out what comes of it. What its
// effects produced is stepped through before anything else is: until then the
// state is ahead of the truth.
func (s *Supervisor) step(svc *service, ev lifecycle.Event) {
	s.advance(svc, ev)
	for len(s.queue) > 0 {
		q := s.queue[0]
		s.queue = s.queue[1:]
		s.advance(q.svc, q.ev)
	}
	s.queue = nil
}

func (s *Supervisor) advance(svc *service, ev lifecycle.Event) {
	before, pid := svc.state, svc.pid
	if svc.policy.Backoff.Jitter > 0 && before.Phase != lifecycle.Backoff {
		switch ev.Kind {
		case lifecycle.MainExited, lifecycle.SpawnFailed, lifecycle.Deadline:
			const fine = 1 << 24
			ev.U = float64(s.k.Draw("jitter", fine)) / fine
		}
	}
	at := s.now()
	r := lifecycle.Step(svc.policy, before, ev, at)
	svc.state = r.State
	if settled := r.State.Settled(); settled != before.Settled() {
		if settled {
			s.unsettled--
		} else {
			s.unsettled++
		}
	}
	if r.Do != 0 {
		s.apply(svc, r.Do)
		svc.state = r.After(s.now() - at)
	}
	s.alarms.set(svc.alarm, svc.state.Deadline)
	s.publish(svc)
	s.tell(svc, at, pid, before, ev, r.Ignored)
}

// tell reports a change of phase, an operator's word that changed something
// else, and the one change inside a phase that a person must know of.
func (s *Supervisor) tell(svc *service, at time.Duration, pid int, before lifecycle.State, ev lifecycle.Event, ignored lifecycle.Reason) {
	if svc.state.Stuck && !before.Stuck {
		s.report(Unkillable{Service: svc.conf.Name, Waited: svc.policy.KillWait, Left: s.leftover(svc)})
	}
	word := ev.Kind <= lifecycle.Reset && ignored == ""
	if svc.state.Phase == before.Phase && !word {
		return
	}
	s.opt.Observer.Changed(Change{At: at, Service: svc.conf.Name, From: before.Phase, Cause: ev.Kind, State: svc.state, Pid: pid})
}
