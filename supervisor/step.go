package supervisor

import (
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// queued is an event that the effects of a step produced.
type queued struct {
	svc *service
	ev  lifecycle.Event
}

// step hands an event to a service and carries out what comes of it. Events that its
// effects produced follow before anything else: until then the state is ahead of what
// is true.
func (s *Supervisor) step(svc *service, ev lifecycle.Event) {
	if svc.quarantined && !s.quarantineStep(svc, &ev) {
		return
	}
	s.stepOnce(svc, ev)
	for len(s.services.queue) > 0 {
		q := s.services.queue[0]
		s.services.queue = s.services.queue[1:]
		s.stepOnce(q.svc, q.ev)
	}
	s.services.queue = nil
}

func (s *Supervisor) stepOnce(svc *service, ev lifecycle.Event) {
	before, pid := svc.state, svc.pid
	ev.U = s.jitter(svc, ev.Kind)
	at := s.now()
	r := lifecycle.Step(svc.policy, before, ev, at)
	s.services.setState(svc, r.State)
	if r.Do&lifecycle.DoKill != 0 && ev.Kind == lifecycle.Deadline && before.Phase == lifecycle.Stopping && !before.Killed {
		s.report(StopTimedOut{Service: svc.name(), Signal: svc.conf.StopSignal, Timeout: svc.policy.StopTimeout, Left: s.leftover(svc)})
	}
	if r.Do != 0 {
		s.apply(svc, r.Do)
		svc.state = r.After(s.now() - at)
	}
	s.set(svc.alarm, svc.state.Deadline)
	s.services.publish(svc)
	s.reportChange(svc, at, pid, before, ev, r.Ignored)
}

// jitter draws a number for an event whose delay may need one.
func (s *Supervisor) jitter(svc *service, kind lifecycle.Kind) float64 {
	if svc.policy.Backoff.Jitter == 0 || svc.state.Phase == lifecycle.Backoff {
		return 0
	}
	switch kind {
	case lifecycle.MainExited, lifecycle.SpawnFailed, lifecycle.Deadline:
		const fine = 1 << 24
		return float64(s.k.Draw("jitter", fine)) / fine
	}
	return 0
}

// reportChange reports a change of phase, a command that changed something else, and the one
// change inside a phase that a person must know of.
func (s *Supervisor) reportChange(svc *service, at time.Duration, pid int, before lifecycle.State, ev lifecycle.Event, ignored lifecycle.Reason) {
	if svc.state.Stuck && !before.Stuck {
		s.report(Unkillable{Service: svc.name(), Waited: svc.policy.KillWait, Left: s.leftover(svc)})
	}
	if svc.state.Ended() && !before.Ended() {
		s.essentialEnded(svc)
	}
	command := ev.Kind <= lifecycle.Reset && ignored == ""
	if svc.state.Phase == before.Phase && !command {
		return
	}
	s.reporter.observer.Changed(Change{At: at, Service: svc.name(), From: before.Phase, Cause: ev.Kind, State: svc.state, Pid: pid})
}
