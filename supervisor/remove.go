package supervisor

import (
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/sys"
)

// doomed is the cgroup of a generation that is over, which could not be
// removed: for a moment after the last exit the kernel may say EBUSY.
type doomed struct {
	leaf  string
	until time.Duration // then it is left behind, and said so
	pause time.Duration
}

// removeLeaf has the cgroup of a generation that is over removed, at the end of
// the turn: no restart waits for it.
func (s *Supervisor) removeLeaf(g *generation) {
	if g.leaf != "" {
		s.vacant = append(s.vacant, g.leaf)
	}
}

// removeVacant removes a few of the cgroups that are to go, and leaves the others
// to the next turn.
func (s *Supervisor) removeVacant() {
	const few = 16
	n := min(few, len(s.vacant))
	for _, leaf := range s.vacant[:n] {
		s.removeDir(leaf)
	}
	if s.vacant = s.vacant[n:]; len(s.vacant) == 0 {
		s.vacant = nil
		return
	}
	s.alarms.set(s.vacantAlarm, s.now())
}

func (s *Supervisor) removeDir(leaf string) {
	if err := s.tree.Remove(leaf); err != nil && !cgroupfs.IsGone(err) {
		s.doom(leaf)
	}
}

func (s *Supervisor) doom(leaf string) {
	s.doomed = append(s.doomed, doomed{leaf: leaf, until: s.now() + removeBound, pause: firstRecheck})
	s.alarms.set(s.sweepAlarm, min(s.sweepAlarm.at, s.now()+firstRecheck))
}

// removeDoomed tries again, ever more rarely.
func (s *Supervisor) removeDoomed() {
	left := s.doomed[:0]
	next := sys.Never
	for _, d := range s.doomed {
		err := s.tree.Remove(d.leaf)
		if err == nil || cgroupfs.IsGone(err) {
			continue
		}
		if s.now() >= d.until {
			s.report(RemovalFailed{Path: d.leaf, Tried: removeBound, Err: err})
			continue
		}
		d.pause = longer(d.pause)
		next = min(next, s.now()+d.pause)
		left = append(left, d)
	}
	s.doomed = left
	s.alarms.set(s.sweepAlarm, next)
}
