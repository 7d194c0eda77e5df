package supervisor

import (
	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// gather asks the kernel for the facts that decide whether an instance is empty, as
// far as it takes, but not for the fact at which it is to stop.
func (s *Supervisor) gather(in *liveInstance, facts *instance.Facts, stop instance.Fact) (empty bool, next instance.Fact) {
	for {
		empty, next = in.state.Empty(*facts)
		switch next {
		case instance.None, stop:
			return empty, next
		case instance.Populated:
			facts.Populated = answer(!s.cgroups.isEmpty(in.cgroup))
		case instance.GroupAlive:
			facts.GroupAlive = answer(s.groupAlive(in))
		case instance.Orphans:
			facts.Orphans = s.orphansExist()
		}
	}
}

func answer(yes bool) instance.Answer {
	if yes {
		return instance.Yes
	}
	return instance.No
}

// isEmpty reports whether nothing of an instance lives, as far as that can be seen at once.
func (s *Supervisor) isEmpty(in *liveInstance) bool {
	empty, _ := s.gather(in, &instance.Facts{}, instance.None)
	return empty
}

// groupAlive reports whether a child of gosv lives in the process group that a main
// process led. After the main process was reaped the PID may be another's: then only
// a no means something.
func (s *Supervisor) groupAlive(in *liveInstance) bool {
	alive, err := s.k.GroupAlive(in.child.Handle)
	return err != nil || alive
}

func (s *Supervisor) orphansExist() instance.Answer {
	orphans, err := s.k.Orphans()
	return answer(err != nil || orphans.Exist)
}

// recheck looks again at an instance on its way out.
func (s *Supervisor) recheck(in *liveInstance) {
	switch in.state.Stage() {
	case instance.StageEmpty:
	case instance.StageRequested, instance.StageAborting, instance.StageAbandoned:
		s.advance(in, instance.Event{Kind: instance.GiveUp})
	case instance.StageAlive:
		s.recheckAlive(in)
	default:
		if s.isEmpty(in) {
			s.emptied(in)
			return
		}
		s.advance(in, instance.Event{Kind: instance.NotEmpty})
	}
}

// recheckAlive looks again at a main process after a look that failed, and follows up
// a stop.
func (s *Supervisor) recheckAlive(in *liveInstance) {
	if in.lookFailed {
		in.lookFailed = false
		s.checkMain(in)
	}
	if in.state.Stage() == instance.StageAlive && in.state.Signals == instance.Stopping {
		s.followUpStop(in)
	}
}

// emptied is the end of the last process of an instance.
func (s *Supervisor) emptied(in *liveInstance) {
	s.advance(in, instance.Event{Kind: instance.NoneLeft})
	s.step(in.svc, lifecycle.Event{Kind: lifecycle.Emptied})
}

// recheckSoon makes sure that an instance on its way out is looked at again. The watch
// of its cgroup, or the exit of an orphan, comes sooner as a rule; but watches can fire
// late, and a process that left the group sends no SIGCHLD to gosv.
func (s *Supervisor) recheckSoon(in *liveInstance) {
	if !in.state.TrackedByScan() && in.watch == 0 {
		if id, err := s.k.Watch(s.cgroups.tree.EventsPath(in.cgroup)); err == nil {
			in.watch = id
			s.instances.byWatch[id] = in
			s.set(in.recheck, s.now()) // what changed before the watch is not reported
			return
		}
	}
	if in.cgroup != "" && in.state.Signals != instance.Killing {
		s.thaw(in)
	}
	// A stop reaches the process group only, and cgroup.kill no process whose first
	// thread has exited.
	if in.pause > 0 || in.state.TrackedByScan() {
		s.scan.ask(in)
	}
	in.pause = longer(in.pause)
	s.set(in.recheck, s.now()+in.pause)
}

// recheckTracked follows the death of a child of gosv, which may have been the last
// process of an instance that no cgroup tracks.
func (s *Supervisor) recheckTracked() {
	for _, in := range s.instances.tracked() {
		if !in.over() {
			s.recheck(in)
		}
	}
}

// recheckUnpinned follows the death of any child, which may have been the last sibling
// that a main process left in its group, and which is no orphan.
func (s *Supervisor) recheckUnpinned() {
	for _, in := range s.instances.tracked() {
		if !in.over() && in.state.Group == instance.Unpinned {
			s.recheck(in)
		}
	}
}
