package supervisor

import (
	"fmt"
	"path"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// phase is what the loop is about.
type phase uint8

const (
	booting  phase = iota // services are not started yet
	running               // they are
	draining              // all have come to rest: orphans are killed, cgroups removed
	closing               // gosv's own cgroup is given back
	over
)

// Run starts every service and returns when there is nothing left to do: all have ended
// by themselves, or a shutdown is complete.
func (s *Supervisor) Run() Result {
	defer s.stopAllOnPanic()
	s.begin()
	for woke := sys.Reason(0); ; woke = s.k.Wait(s.alarms.next()) {
		s.turn(woke)
		if s.phase == over {
			break
		}
	}
	for _, r := range s.inbox.close() {
		r.obey(s)
	}
	return s.boot.result
}

// begin is what comes before the first turn.
func (s *Supervisor) begin() {
	s.instances.token = fmt.Sprintf("%08x%08x", s.k.Draw("invocation", 1<<31), s.k.Draw("invocation", 1<<31))
	if err := s.k.BecomeSubreaper(); err != nil {
		// Orphans go to another process then: they are not lost with cgroups, and are out
		// of reach without.
		s.report(SubreaperFailed{Err: err})
	}
	s.set(s.safety.alarm, s.now()+safetyPeriod)
	if blind := s.opt.Host.Blind; blind != nil {
		s.report(ProcUnreadable{Err: blind})
	}
}

// turn is one round of the loop. The order matters: results of spawns come before exits,
// so that an early exit finds its service, and exits before whatever might signal, so
// that nothing signals what is known to be gone. The instant up to which deadlines have
// come is before all of these, so that what happened in time is known before a deadline
// acts on its not having happened.
func (s *Supervisor) turn(woke sys.Reason) {
	due := s.now()
	s.takeSpawns()
	s.takeExits()
	if woke&sys.WokeChild != 0 {
		s.reapOrphans()
		s.orphans.soon(s.orphans.siblings, siblingPause)
		s.recheckUnpinned()
		s.jobControl()
	}
	s.takeWatches()
	for _, result := range s.k.Finished() {
		result.(func())()
	}
	s.obeySignals()
	for _, r := range s.inbox.take() {
		r.obey(s)
	}
	if woke&sys.WokeDeadline != 0 {
		s.alarms.fire(due)
	}
	s.removeLeft()
	for again := true; again; again = s.goOn(due) {
		s.cgroups.removals.turn()
	}
}

// goOn takes the present phase a step further, and reports whether another step can follow
// at once. due is when the turn began: what happened before it is known.
func (s *Supervisor) goOn(due time.Duration) bool {
	switch s.phase {
	case booting:
		return s.bootOn()
	case running:
		s.followEssential()
		if !s.done() {
			return false
		}
		s.beginDrain()
		return true
	case draining:
		return s.drainOn(due)
	case closing:
		return s.closeOn()
	}
	return false
}

// done reports whether nothing more will happen by itself.
func (s *Supervisor) done() bool {
	if s.services.active > 0 {
		return false
	}
	if s.ending.asked {
		return true
	}
	for _, svc := range s.services.ordered {
		if !svc.state.Ended() {
			return false // stopped by an operator, who may start it again
		}
	}
	return true
}

// takeWatches looks at the cgroups that are reported to have changed.
func (s *Supervisor) takeWatches() {
	for _, id := range s.k.Changed() {
		if in := s.instances.byWatch[id]; in != nil {
			s.guarded(in.svc, func() { s.recheck(in) })()
		}
	}
}

// reapOrphans reaps the orphans that have exited. One of them may have been the last
// process of an instance.
func (s *Supervisor) reapOrphans() {
	if s.orphans.reap() {
		s.recheckTracked()
	}
}

// reapSiblings reaps unknown zombies among all children: what services made with
// CLONE_PARENT.
func (s *Supervisor) reapSiblings() {
	if s.orphans.reapSiblings(s.whose, s.instances.awaited() > 0) {
		s.recheckTracked()
	}
}

// whose returns the owner of a zombie, and takes the exit of a main process that was not seen.
func (s *Supervisor) whose(pid int) owner {
	in := s.instances.byPID[pid]
	if in == nil {
		return noOwner
	}
	if !in.state.ExitSeen() {
		if s.guarded(in.svc, func() { s.checkMain(in) })(); in.state.ExitSeen() {
			return exitTaken
		}
	}
	return held
}

// leftover is what is left of a service.
func (s *Supervisor) leftover(svc *service) Leftover {
	left := Leftover{Service: svc.name()}
	switch in := svc.inst; {
	case in == nil:
	case in.child.Handle == 0:
		left.Spawning = true
	case !in.state.ExitSeen():
		left.PIDs, left.Comm = []int{in.child.Pid}, path.Base(svc.conf.Command)
	case !in.state.TrackedByScan():
		left.PIDs, _ = s.cgroups.tree.Procs(in.cgroup)
	default:
		left.Group = in.child.Pid
	}
	return left
}

// startServices starts the services that are to start by themselves. A command during
// the boot overrules the configuration.
func (s *Supervisor) startServices() {
	for _, svc := range s.services.ordered {
		if !s.ending.asked && !s.boot.isUnwanted(svc) {
			s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: lifecycle.Start}) })()
		}
	}
	for _, c := range s.boot.commands {
		c.done(nil)
	}
}
