package supervisor

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/cgroupfs"
)

// reclaimBound is how long the first start waits for what dead gosvs left to go.
const reclaimBound = 5 * time.Second

// buryDead kills what dead instances of gosv left in their cgroups and removes
// these, so that no service runs twice. What cannot be found or killed in time is
// left behind, and said so; so is what is there still when gosv is told to end.
func (s *Supervisor) reclaimDead(o cgroupfs.Options) {
	for try := s.retries(reclaimBound); ; {
		found, err := cgroupfs.FindStaleInstances(s.k, s.k.Pid(), o)
		for _, dead := range found {
			s.reclaim(dead, &retry{s: s, until: try.until})
		}
		if err == nil || s.closing {
			return
		}
		if !try.unlessTold() && !s.closing {
			s.report(StaleScanFailed{Err: err})
			return
		}
	}
}

// bury buries one instance.
func (s *Supervisor) reclaim(dead *cgroupfs.StaleInstance, try *retry) {
	kill := func(pid int) { s.killLeftover(dead, pid) }
	done, err := dead.Reclaim(kill)
	if !done {
		s.report(ReclaimStarted{Path: dead.Path, Bound: reclaimBound})
	}
	for !done && try.unlessTold() {
		done, err = dead.Reclaim(kill)
	}
	s.tellReclaimed(dead, done)
	switch {
	case done:
		return
	case s.closing:
		s.report(ReclaimSkipped{Path: dead.Path})
	default:
		s.report(ReclaimFailed{Path: dead.Path, Tried: reclaimBound, Err: orAlive(err)})
	}
	dead.Release()
}

func orAlive(err error) error {
	if err == nil {
		return fmt.Errorf("something in it does not die")
	}
	return err
}

func (s *Supervisor) tellReclaimed(dead *cgroupfs.StaleInstance, done bool) {
	n := len(dead.Killed)
	if n == 0 {
		if done {
			s.report(InstanceReclaimed{Path: dead.Path})
		}
		return
	}
	slices.Sort(dead.Killed)
	s.report(StaleKilled{Path: dead.Path, PIDs: slices.Clone(dead.Killed), Gone: done})
}

// killLeftover kills one process, where a cgroup cannot be killed as a whole. The
// handle is bound to a process, not to a number: if the number is a member's once
// the handle is had, it names that member, or one that is gone.
func (s *Supervisor) killLeftover(dead *cgroupfs.StaleInstance, pid int) {
	h, err := s.k.OpenPid(pid)
	if err != nil {
		return // it went by itself, or can be had the next time (EMFILE)
	}
	if dead.Contains(pid) {
		_ = s.k.Signal(h, syscall.SIGKILL)
	}
	s.k.Close(h)
}
