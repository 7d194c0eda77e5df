package supervisor

import (
	"errors"
	"syscall"

	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// advance hands an event to an instance and carries out what comes of it.
func (s *Supervisor) advance(in *liveInstance, e instance.Event) {
	r := instance.Step(in.state, e)
	in.state = r.State
	if r.Do != 0 {
		s.act(in, r.Do)
	}
}

// act carries out actions, in their order.
func (s *Supervisor) act(in *liveInstance, do instance.Actions) {
	for _, a := range [...]struct {
		action instance.Actions
		run    func(*liveInstance)
	}{
		{instance.AbortSpawn, s.abortSpawn},
		{instance.ReportEscape, func(in *liveInstance) {
			s.report(EscapedCgroup{Service: in.svc.name(), PID: in.child.Pid, Cgroup: in.cgroup})
		}},
		{instance.ReportStatusLost, func(in *liveInstance) {
			s.report(ExitStatusLost{Service: in.svc.name(), PID: in.child.Pid, Err: syscall.ECHILD})
		}},
		{instance.ReportKill, func(in *liveInstance) { s.report(LeftoversKilled{Service: in.svc.name()}) }},
		{instance.StopGroup, func(in *liveInstance) { s.signalGroup(in, in.svc.conf.StopSignal) }},
		{instance.StopMain, func(in *liveInstance) { s.signalMain(in, in.svc.conf.StopSignal) }},
		{instance.KillGroup, func(in *liveInstance) { s.signalGroup(in, syscall.SIGKILL) }},
		{instance.KillCgroup, s.killCgroup},
		{instance.FollowUpStop, func(in *liveInstance) { s.set(in.recheck, s.now()+firstRecheck) }},
		{instance.Thaw, s.thaw},
		{instance.AskScan, s.scan.ask},
		{instance.LookAgain, s.lookAgain},
		{instance.Recheck, s.recheckSoon},
		{instance.ReapMain, s.reapMain},
		{instance.Release, s.release},
	} {
		if do&a.action != 0 {
			a.run(in)
		}
	}
}

func (s *Supervisor) abortSpawn(in *liveInstance) {
	s.k.Abort(in.id)
	if in.abandonAt == 0 {
		in.abandonAt = s.now() + safetyPeriod
		s.set(in.recheck, in.abandonAt)
	}
}

func (s *Supervisor) lookAgain(in *liveInstance) {
	in.lookFailed = true
	in.pause = longer(in.pause)
	s.soon(in.recheck, in.pause)
}

// signalGroup signals the process group while its leader is unreaped, which pins the
// PID, and the leader itself if it has left the group.
func (s *Supervisor) signalGroup(in *liveInstance, sig syscall.Signal) {
	if !in.state.Pinned() {
		return
	}
	err := s.k.SignalGroup(in.child.Handle, sig)
	stopped := false // the main process got the stop signal just now
	switch {
	case errors.Is(err, syscall.ESRCH):
		stopped = in.state.Group == instance.InGroup && in.state.Signals == instance.Stopping
		s.advance(in, instance.Event{Kind: instance.LeaveGroup})
	case err != nil:
		s.report(SignalFailed{Service: in.svc.name(), PID: in.child.Pid, Group: true, Signal: sig, Err: err})
	}
	if (in.state.Group == instance.LeftGroup || sig == syscall.SIGKILL) && !(stopped && sig == in.svc.conf.StopSignal) {
		s.signalMain(in, sig)
	}
}

// signalMain signals a main process that a signal to its group may not reach.
func (s *Supervisor) signalMain(in *liveInstance, sig syscall.Signal) {
	if in.state.Stage() != instance.StageAlive {
		return
	}
	if err := s.k.Signal(in.child.Handle, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		s.report(SignalFailed{Service: in.svc.name(), PID: in.child.Pid, Signal: sig, Err: err})
	}
}

// followUpStop is the rest of a stop that is not over at once. CONT follows the stop
// signal, because a stopped process cannot act on it, and a frozen cgroup is thawed for
// the same reason. A scan finds the members that the signal to the group did not reach.
func (s *Supervisor) followUpStop(in *liveInstance) {
	s.signalGroup(in, syscall.SIGCONT)
	if in.cgroup != "" {
		s.thaw(in)
	}
	s.scan.ask(in)
}

// killCgroup kills everything in the cgroup of an instance.
func (s *Supervisor) killCgroup(in *liveInstance) {
	err := s.cgroups.tree.Kill(in.cgroup)
	if err == nil || isGone(err) {
		// cgroup.kill passes over a process whose first thread has exited. It may be the
		// tracer of the main process, whose zombie then is not gosv's.
		if in.pause > 0 || in.state.Stage() == instance.StageAlive {
			s.scan.ask(in)
		}
		return
	}
	// Linux before 5.14 has no cgroup.kill: the cgroup stands still while its members are
	// found and killed one by one, and is then thawed.
	if errFreeze := s.cgroups.tree.Freeze(in.cgroup); errFreeze != nil {
		s.report(CgroupKillFailed{Service: in.svc.name(), Err: err, FreezeErr: errFreeze})
	}
	s.advance(in, instance.Event{Kind: instance.FreezeForKill})
}

// thaw lets the members of a frozen cgroup act on a signal. Where it cannot be seen
// whether it is frozen, thawing it does no harm.
func (s *Supervisor) thaw(in *liveInstance) {
	if frozen, err := s.cgroups.tree.FreezeRequested(in.cgroup); err == nil && !frozen {
		return
	}
	if err := s.cgroups.tree.Thaw(in.cgroup); err != nil && !isGone(err) {
		s.report(ThawFailed{Service: in.svc.name(), Err: err})
	}
}

// reapMain takes the zombie of a main process whose exit was seen before.
func (s *Supervisor) reapMain(in *liveInstance) {
	s.instances.reaped(in)
	if _, _, err := s.k.Reap(in.child.Handle); err != nil {
		s.report(ReapFailed{Service: in.svc.name(), PID: in.child.Pid, Err: err})
	}
}

// release gives up everything that belongs to an instance of which nothing lives.
func (s *Supervisor) release(in *liveInstance) {
	if in.watch != 0 {
		s.k.Unwatch(in.watch)
	}
	s.instances.forget(in)
	if in.child.Handle != 0 {
		s.k.Close(in.child.Handle)
	}
	s.k.CloseOutput(in.id)
	s.set(in.recheck, never)
	if in.cgroup != "" {
		s.cgroups.removals.add(in.cgroup)
	}
	in.svc.inst = nil
}

// apply carries out the effects of a service's step, in their order. What fails comes
// back as an event.
func (s *Supervisor) apply(svc *service, do lifecycle.Effects) {
	for _, e := range [...]struct {
		effect lifecycle.Effects
		kind   instance.Kind
	}{{lifecycle.DoAbort, instance.Abort}, {lifecycle.DoTerm, instance.Stop}, {lifecycle.DoKill, instance.Kill}} {
		if do&e.effect == 0 || svc.inst == nil {
			continue
		}
		event := instance.Event{Kind: e.kind}
		if e.kind == instance.Kill && svc.inst.state.Stage() == instance.StageZombie && svc.inst.state.TrackedByScan() {
			event.GroupAlive = s.groupAlive(svc.inst)
		}
		s.advance(svc.inst, event)
	}
	if do&lifecycle.DoSpawn != 0 {
		s.spawn(svc)
	}
}
