package supervisor

import (
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// orphanBound is how long the end of gosv waits for killed orphans and busy cgroups.
const orphanBound = 5 * time.Second

// beginDrain begins the end of gosv: nothing is left to supervise, so every child but
// the unkillable is an orphan.
func (s *Supervisor) beginDrain() {
	s.phase = draining
	s.ending.until, s.ending.ask, s.ending.pause = s.now()+orphanBound, 0, longer(0)
}

// drainOn kills whatever gosv has adopted, in rounds because the dead leave orphans, and
// waits for cgroups that are busy, until nothing is left or the bound is reached.
func (s *Supervisor) drainOn(due time.Duration) bool {
	e := &s.ending
	s.orphans.abandoned.reapAll()
	s.reapOrphans()
	orphans, err := s.k.Orphans()
	exist := orphans.Exist || len(s.orphans.abandoned.handles) > 0
	clear := err == nil && !exist
	if clear {
		e.remains = nil
	}
	if clear && !s.cgroups.removals.pending() && s.boot.probe == 0 || due >= e.until {
		e.orphaned = exist
		s.beginClose()
		return true
	}
	next := e.until
	if exist {
		if due >= e.ask {
			s.submit(orphanSearch{scanContext: s.scanContext(), then: s.killOrphans})
			e.ask, e.pause = s.now()+e.pause, longer(e.pause)
		}
		next = min(next, e.ask)
	}
	s.set(e.alarm, next)
	return false
}

// orphanSearch looks for every adopted child.
type orphanSearch struct {
	scanContext
	then func(found []member, err error)
}

func (t orphanSearch) run(k sys.JobKernel) func() {
	all, err := t.find(k, procfs.Query{Children: true})
	var found []member
	for _, m := range all {
		found = hold(k, found, m)
	}
	return func() { t.then(found, err) }
}

// killOrphans kills what was found.
func (s *Supervisor) killOrphans(found []member, err error) {
	if err != nil {
		s.report(OrphanScanFailed{Err: err})
	}
	known := s.ending.remains
	if err == nil {
		s.ending.remains = nil
	}
	for _, m := range found {
		if !slices.Contains(s.ending.remains, m.Pid) {
			s.ending.remains = append(s.ending.remains, m.Pid)
		}
		if m.handle == 0 {
			continue
		}
		if !slices.Contains(known, m.Pid) {
			s.report(OrphanKilled{PID: m.Pid, Comm: m.Comm})
		}
		_ = s.k.Signal(m.handle, syscall.SIGKILL) // ESRCH: it went by itself
	}
	s.closeAll(found)
}

// unkillable is what lives on after gosv.
func (s *Supervisor) unkillable() (all []Leftover) {
	for _, pid := range s.ending.remains {
		all = append(all, Leftover{PIDs: []int{pid}})
	}
	for _, svc := range s.services.ordered {
		if svc.state.Stuck {
			all = append(all, s.leftover(svc))
		}
	}
	if s.ending.orphaned && len(s.ending.remains) == 0 {
		all = append(all, Leftover{})
	}
	return all
}

// beginClose makes the result, and begins to give back what the boot took.
func (s *Supervisor) beginClose() {
	r := Result{Shutdown: s.ending.asked, Signal: s.ending.signal, Unkillable: s.unkillable()}
	for _, svc := range s.services.ordered {
		if svc.state.Phase == lifecycle.Failed {
			r.Failed = append(r.Failed, svc.name())
		}
		r.Last = svc.state.Last
	}
	if r.Essential = s.ending.essential; r.Essential != "" {
		r.Last = s.ending.outcome
	}
	s.terminal.reclaim()
	r.Key = s.terminal.endedBy
	s.boot.result = r
	s.phase = closing
	s.ending.until, s.ending.pause = s.now()+orphanBound, 0
	if len(r.Unkillable) > 0 {
		s.ending.until = s.now() // it holds its cgroup, and has been waited for
	}
	s.set(s.ending.alarm, sys.Never)
}

// closeOn gives gosv's own cgroup back. What is busy is tried again. What cannot be given
// back is kept, with its lock: gosv may be in there, and go on; the next gosv reclaims it
// when this one has exited.
func (s *Supervisor) closeOn() bool {
	c := &s.cgroups
	if c.tree == nil {
		s.phase = over
		return false
	}
	if s.ending.alarm.at != sys.Never {
		return false // between two tries
	}
	err := c.tree.Close()
	now := s.now()
	switch {
	case err == nil:
	case now < s.ending.until:
		s.orphans.reap()
		s.ending.pause = longer(s.ending.pause)
		s.set(s.ending.alarm, min(s.ending.until, now+s.ending.pause))
		return false
	default:
		s.report(InstanceKept{Path: c.tree.Path(), Err: err})
	}
	c.tree = nil
	s.phase = over
	return false
}
