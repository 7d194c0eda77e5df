package supervisor

import (
	"slices"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// seeEmpty tells whether nothing of a generation lives, as far as that can be
// seen at once. With a cgroup, the cgroup says so. Without one, or if somebody
// meddled with it, the dead leader is held as a zombie, which pins the number of
// the group: if gosv has no adopted child at all, there is no orphan of the group
// either, because the topmost survivor of a dead parent is always adopted. What the
// dead leader made with CLONE_PARENT is gosv's child and not adopted: it is in the
// group, unless it has left that, which only the census sees. Else a census tells.
func (s *Supervisor) seeEmpty(g *generation) bool {
	if g.leaf != "" && !s.vacated(g) {
		return false
	}
	if !g.counted() {
		return true
	}
	if g.reaped && !g.loose {
		return true
	}
	if !s.childless {
		if orphans, err := s.k.Orphans(); err != nil || orphans.Exist {
			return false
		}
	}
	return !s.groupLives(g)
}

// groupLives tells whether a child of gosv lives in the group that a main process
// led. Where that was reaped the number may be another's by now: then only that
// nobody lives there says something. It is answered at once for a group without
// members, and takes a look at every child of gosv while the leader's zombie is one.
func (s *Supervisor) groupLives(g *generation) bool {
	lives, err := s.k.GroupAlive(g.child.Handle)
	return err != nil || lives
}

// vacated tells whether nothing lives in the cgroup of a generation.
func (s *Supervisor) vacated(g *generation) bool {
	populated, _, err := s.tree.Populated(g.leaf)
	return err == nil && !populated || s.leafGone(err)
}

// recheck looks again at a generation that is on its way out.
func (s *Supervisor) recheck(g *generation) {
	switch {
	case g.over:
	case !g.ended:
		s.termOutsiders(g)
	case s.seeEmpty(g):
		s.emptied(g)
	default:
		if g.leaf != "" && !g.killing {
			s.thaw(g)
		}
		// A stop reaches the group only, cgroup.kill no process whose first thread has ended.
		if g.pause > 0 {
			s.askCensus(g)
		}
		s.recheckSoon(g)
	}
}

// emptied is the end of the last of a generation.
func (s *Supervisor) emptied(g *generation) {
	s.leaving = slices.DeleteFunc(s.leaving, func(other *generation) bool { return other == g })
	s.retire(g)
	s.step(g.svc, lifecycle.Event{Kind: lifecycle.Emptied})
}

// recheckSoon makes sure that a generation on its way out is looked at: the
// notice of the cgroup, or the exit of an orphan, comes sooner as a rule, but
// notices can be lost, and a process that left the group sends no SIGCHLD here.
func (s *Supervisor) recheckSoon(g *generation) {
	if !g.counted() && g.watch == 0 {
		if id, err := s.k.Watch(s.tree.EventsPath(g.leaf)); err == nil {
			g.watch = id
			s.byWatch[id] = g
			s.alarms.set(g.alarm, s.now()) // what changed before the watch is not told
			return
		}
	}
	if g.pause == 0 && g.counted() {
		s.askCensus(g)
	}
	g.pause = longer(g.pause)
	s.alarms.set(g.alarm, s.now()+g.pause)
}

func (s *Supervisor) unwatch(g *generation) {
	if g.watch != 0 {
		s.k.Unwatch(g.watch)
		delete(s.byWatch, g.watch)
		g.watch = 0
	}
}

// recheckLeaving follows the death of an orphan, which may have been the last
// of some generation. With cgroups their own notices tell.
func (s *Supervisor) recheckLeaving() {
	for _, g := range slices.Clone(s.leaving) {
		if g.counted() {
			s.recheck(g)
		}
	}
}

// recheckLoose follows a death among all children: it may have been the last sibling
// that a dead main process left in its group, which is no orphan.
func (s *Supervisor) recheckLoose() {
	for _, g := range slices.Clone(s.leaving) {
		if g.loose && !g.over {
			s.recheck(g)
		}
	}
}

// safetyReap backs up every wake-up that may have been lost.
func (s *Supervisor) safetyReap() {
	s.alarms.set(s.safety, s.now()+safetyPeriod)
	for _, svc := range s.services {
		if g := svc.gen; g != nil && g.child.Handle != 0 {
			s.mainEnded(g)
		}
	}
	s.reapAllLate()
	for _, g := range slices.Clone(s.leaving) {
		s.recheck(g)
	}
	s.writeOff()
	s.sweep()
	s.sweepAll()
	s.jobControl()
}

// writeOff stops waiting for starts that were aborted a while ago and still have
// no result (an exec that hangs in a dead disk). They must not keep orphans from
// being reaped for ever.
func (s *Supervisor) writeOff() {
	for _, g := range s.births {
		if g.aborted && g.overdue && !g.writtenOff {
			g.writtenOff = true
			s.awaited--
		}
		g.overdue = g.aborted // a whole period is long enough
	}
}
