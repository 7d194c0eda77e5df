package supervisor

import (
	"slices"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// sweep reaps adopted orphans.
func (s *Supervisor) sweep() {
	s.reapUnknown(func() (int, sys.Status, error) {
		orphans, err := s.k.Orphans()
		return orphans.Zombie, orphans.Status, err
	}, true)
}

// sweepAll reaps unknown zombies among all children: what services made with
// CLONE_PARENT, which is nobody's orphan. What hides them goes by itself: then they
// are looked for again.
func (s *Supervisor) sweepAll() {
	if !s.reapUnknown(s.k.AnyZombie, false) {
		s.alarms.set(s.siblings, s.now()+siblingPause)
	}
}

// sweepAllSoon has the children looked at that are no orphans. That costs the more
// the more there are, so many exits are followed by one look.
func (s *Supervisor) sweepAllSoon() {
	if s.siblings.at == sys.Never {
		s.alarms.set(s.siblings, s.now()+siblingPause)
	}
}

// reapUnknown reaps the zombies that peek finds, and tells whether it got to the
// last. orphans says that it finds no children of starts.
func (s *Supervisor) reapUnknown(peek func() (int, sys.Status, error), orphans bool) (all bool) {
	reaped := false
	for {
		pid, st, err := peek()
		if all = err != nil || pid == 0; all {
			if s.orphanScan.first(err) {
				s.report(OrphanScanFailed{Err: err})
			}
			break
		}
		g := s.byPid[pid]
		if g != nil && !g.ended {
			if s.mainEnded(g); g.ended { // its notice is late
				continue
			}
		}
		if g != nil || s.awaited > 0 && !orphans {
			break // it is held, or may be the child of a start
		}
		if _, err := s.k.ReapPid(pid); err != nil {
			s.report(OrphanReapFailed{PID: pid, Err: err})
			all = true
			break
		}
		reaped = true
		s.deaths++
		s.report(OrphanReaped{PID: pid, Status: st})
	}
	if reaped {
		s.recheckLeaving()
	}
	return all
}

// settle ends gosv's work: whatever it has adopted and belongs to no generation
// is killed, in rounds because the dead leave orphans, and cgroups that were busy
// are removed, until nothing is left or the bound is reached.
func (s *Supervisor) settle() {
	bound := s.now() + orphanBound
	ask, pause := s.now(), longer(0)
	for {
		due := s.now()
		for _, r := range s.k.Spawned() {
			s.tooLate(r)
		}
		s.takeExits()
		s.reapAllLate()
		s.takeNotices()
		s.sweep()
		orphans, err := s.k.Orphans()
		exists := orphans.Exist || len(s.late) > 0
		s.alarms.fire(due)
		s.removeVacant()
		if err == nil && !exists {
			s.strays = nil
		}
		if err == nil && !exists && len(s.vacant) == 0 && len(s.doomed) == 0 && s.births[s.probe] == nil || due >= bound {
			s.orphaned = exists
			return
		}
		if exists && due >= ask {
			s.askOrphans()
			ask = s.now() + pause
			pause = longer(pause)
		}
		until := min(bound, s.alarms.next())
		if exists {
			until = min(until, ask)
		}
		s.k.Wait(until)
		for _, result := range s.k.Finished() {
			result.(finished)(s)
		}
		s.k.Signals() // gosv is ending as fast as it can
	}
}

// tooLate kills a child whose start was given up for good, and which was born
// after all. It is reaped when it has ended.
func (s *Supervisor) tooLate(r sys.SpawnResult) {
	delete(s.births, r.ID)
	if r.Err == nil {
		_ = s.k.Signal(r.Child.Handle, syscall.SIGKILL) // ESRCH: it has ended
		s.late = append(s.late, r.Child.Handle)
	}
}

func (s *Supervisor) reapAllLate() {
	for _, h := range slices.Clone(s.late) {
		s.reapLate(h)
	}
}

// reapLate takes the zombie of such a child, if it has ended.
func (s *Supervisor) reapLate(h sys.Handle) {
	_, ended, err := s.k.Reap(h)
	if err == nil && !ended {
		return
	}
	if err != nil {
		s.report(AbandonedChildReapFailed{Err: err})
	}
	s.late = slices.DeleteFunc(s.late, func(other sys.Handle) bool { return other == h })
	s.k.Close(h)
}

// askOrphans has every adopted child found and killed. Nothing is left to
// supervise when it is called, so every child but the unkillable is an orphan.
func (s *Supervisor) askOrphans() { s.submit(orphansTask{s.look()}) }

func (s *Supervisor) killOrphans(found []member, err error) {
	if err != nil {
		s.report(OrphanScanFailed{Err: err})
	}
	known := s.strays
	if err == nil {
		s.strays = nil
	}
	for _, m := range found {
		if !slices.Contains(s.strays, m.Pid) {
			s.strays = append(s.strays, m.Pid)
		}
		if m.handle != 0 {
			if !slices.Contains(known, m.Pid) {
				s.report(OrphanKilled{PID: m.Pid, Comm: m.Comm})
			}
			_ = s.k.Signal(m.handle, syscall.SIGKILL) // ESRCH: it went by itself
		}
	}
	s.release(found)
}
