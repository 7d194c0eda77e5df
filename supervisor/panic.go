package supervisor

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// isBug distinguishes a panic of gosv's own code from one with which a fake kernel or an observer
// ends a simulation on purpose.
func isBug(p any) (text string, bug bool) {
	switch p := p.(type) {
	case nil:
		return "", false
	case runtime.Error:
		return p.Error(), true
	case string:
		return p, true
	}
	return "", false
}

// guarded is f for a service: a panic in it quarantines that service, and the supervisor
// goes on.
func (s *Supervisor) guarded(svc *service, f func()) func() {
	return func() {
		defer func() {
			p := recover()
			if text, bug := isBug(p); bug {
				s.quarantine(svc, text, string(debug.Stack()))
			} else if p != nil {
				panic(p)
			}
		}()
		f()
	}
}

// quarantine gives a service up after a bug: whatever lives of it is killed, and it is
// failed until someone starts it again.
func (s *Supervisor) quarantine(svc *service, text, stack string) {
	before := svc.state
	in := svc.inst
	svc.quarantined = in != nil
	s.services.queue = nil
	state := before
	state.Phase, state.Wanted, state.Since, state.Deadline = lifecycle.Failed, false, s.now(), sys.Never
	state.Last = lifecycle.Outcome{Cause: lifecycle.StartFailed, Code: 126, Err: "internal error: " + text}
	state.Spawning = in != nil && in.state.Stage() < instance.StageAlive
	state.Alive, state.Occupied, state.Stuck = false, in != nil && !state.Spawning, false
	if in != nil {
		state.Deadline = s.now() + svc.policy.KillWait
	}
	s.services.setState(svc, state)
	s.set(svc.alarm, state.Deadline)
	s.services.publish(svc)
	s.report(InternalError{Service: svc.name(), Panic: text, Stack: stack})
	s.essentialEnded(svc)
	s.reporter.observer.Changed(Change{At: s.now(), Service: svc.name(), From: before.Phase, Cause: lifecycle.Kill, State: state, Pid: svc.pid})
	if in != nil {
		s.killQuarantined(in)
	}
}

// killQuarantined kills an instance without trust in what is known of it.
func (s *Supervisor) killQuarantined(in *liveInstance) {
	switch in.state.Stage() {
	case instance.StageRequested, instance.StageAborting, instance.StageAbandoned:
		s.k.Abort(in.id)
	case instance.StageAlive, instance.StageZombie, instance.StageReaped:
		s.advance(in, instance.Event{Kind: instance.Kill})
	}
}

// quarantineStep turns what happens to the processes of a quarantined service into what
// a failed service expects, and reports whether anything is left of the event.
func (s *Supervisor) quarantineStep(svc *service, ev *lifecycle.Event) bool {
	switch ev.Kind {
	case lifecycle.Spawned:
		svc.state.Spawning, svc.state.Occupied = false, true
		s.killQuarantined(svc.inst)
		return false
	case lifecycle.SpawnFailed:
		svc.state.Spawning, svc.state.Occupied = false, true
		*ev = lifecycle.Event{Kind: lifecycle.Emptied}
	case lifecycle.MainExited:
		if !ev.Empty {
			return false
		}
		*ev = lifecycle.Event{Kind: lifecycle.Emptied}
	case lifecycle.Stop, lifecycle.Kill, lifecycle.Deadline:
		return true
	}
	svc.quarantined = false
	return true
}

// panicGrace is how long services have to stop when the loop itself has panicked.
const panicGrace = 5 * time.Second

// stopAllOnPanic stops everything that the supervisor owns before a panic of the loop
// ends it.
func (s *Supervisor) stopAllOnPanic() {
	p := recover()
	text, bug := isBug(p)
	if p != nil && bug {
		s.report(InternalError{Panic: text, Stack: string(debug.Stack())})
		s.stopAll()
	}
	if p != nil {
		s.inbox.close()
		panic(p)
	}
}

// stopAll stops all instances, and kills what is left after panicGrace. It uses no state
// but the table of instances.
func (s *Supervisor) stopAll() {
	signal := func(in *liveInstance, sig syscall.Signal) {
		if in.state.Pinned() {
			_ = s.k.SignalGroup(in.child.Handle, sig)
		}
	}
	for _, in := range s.instances.byID {
		if s.instances.spawning[in.id] == in {
			s.k.Abort(in.id)
		}
		signal(in, in.svc.conf.StopSignal)
		signal(in, syscall.SIGCONT)
	}
	for until := s.k.Now() + panicGrace; s.k.Now() < until && s.anyAlive(); {
		s.k.Wait(min(until, s.k.Now()+lastRecheck))
	}
	for _, in := range s.instances.byID {
		signal(in, syscall.SIGKILL)
		if in.cgroup != "" {
			_ = s.cgroups.tree.Kill(in.cgroup)
		}
	}
}

func (s *Supervisor) anyAlive() bool {
	for _, in := range s.instances.byID {
		if in.state.Pinned() {
			if _, ended, err := s.k.Peek(in.child.Handle); err == nil && !ended {
				return true
			}
		}
		if in.cgroup != "" && !s.cgroups.isEmpty(in.cgroup) {
			return true
		}
	}
	return false
}
