package supervisor

import (
	"sync/atomic"
	"syscall"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// census finds the members of generations by looking at every process, or at
// every member of a cgroup. It runs as a job outside the loop, because reading
// /proc of a child can block; one runs at a time and answers all who asked
// before it began.
//
// Reading the environment of a process can hang for ever (its memory is locked
// by something in D state). After censusBound the next census begins without
// waiting, and passes over the process that the last one hangs at.
type census struct {
	running int // the number of the one under way; 0: none
	last    int
	asked   []*generation
	overdue *alarm
	at      *atomic.Int64 // the process that the one under way looks at
	hung    map[int]bool
}

// subject is what a census must know of a generation, copied for the job.
type subject struct {
	gen        *generation
	leaf       string
	pgid       int
	main       int // pid of the main process if it was alive, else 0
	invocation string
	ended      bool // the main process had ended when the census began
}

// member is a living process of a generation.
type member struct {
	procfs.Member
	handle sys.Handle // 0: out of reach
}

func (s *Supervisor) askCensus(g *generation) {
	if !g.asked {
		g.asked = true
		s.census.asked = append(s.census.asked, g)
	}
	s.beginCensus()
}

func (s *Supervisor) beginCensus() {
	if s.census.running != 0 || len(s.census.asked) == 0 {
		return
	}
	s.census.last++
	number := s.census.last
	s.census.running, s.census.at = number, new(atomic.Int64)
	s.alarms.set(s.census.overdue, s.now+censusBound)
	var subjects []subject
	for _, g := range s.census.asked {
		g.asked = false
		sub := subject{gen: g, leaf: g.leaf, invocation: g.invocation, ended: g.ended}
		if !g.reaped { // a number that nothing pins may be a stranger's by now
			sub.pgid = g.child.Pid
		}
		if !g.ended {
			sub.main = g.child.Pid
		}
		subjects = append(subjects, sub)
	}
	s.census.asked = nil
	job := censusJob{k: s.k, tree: s.tree, self: s.k.Pid(), known: s.knownPids(), at: s.census.at, subjects: subjects}
	s.k.Submit(func() any {
		members, err := job.run()
		return finished(func(s *Supervisor) {
			if s.census.running == number {
				s.census.running = 0
				s.alarms.set(s.census.overdue, sys.Never)
			}
			s.takeCensus(subjects, members, err)
		})
	})
}

// giveUpCensus goes on without a census that hangs. Its result is taken if it
// comes after all. The generations that it was for ask again.
func (s *Supervisor) giveUpCensus() {
	pid := int(s.census.at.Load())
	s.notice(Warning, nil, "looking for leftover processes hangs at process %d; it is passed over from now on", pid)
	s.census.hung[pid] = true
	s.census.running = 0
	s.beginCensus()
}

// knownPids are the children whose services are known: a census need not ask
// them whose they are.
func (s *Supervisor) knownPids() map[int]bool {
	known := make(map[int]bool, len(s.byPid)+len(s.census.hung))
	for pid := range s.census.hung {
		known[pid] = true
	}
	for pid := range s.byPid {
		known[pid] = true
	}
	return known
}

// takeCensus acts on what a census found. members[i] are those of subjects[i].
func (s *Supervisor) takeCensus(subjects []subject, members [][]member, err error) {
	if err != nil {
		s.notice(Warning, nil, "cannot look for leftover processes: %v", err)
	}
	for i, sub := range subjects {
		found := members[i] // after an error a part of them, with their handles
		s.reach(sub.gen, found)
		s.release(found)
		if g := sub.gen; err == nil && !g.over && g.leaf == "" && sub.ended && s.nobody(g, found) {
			s.emptied(g)
		}
	}
	s.beginCensus()
}

// nobody tells whether a census found that nothing of a generation lives. A
// process that is dying and hides whose it was is waited for, but not for long:
// one that hangs in its exit may well be a stranger.
func (s *Supervisor) nobody(g *generation, found []member) bool {
	for _, m := range found {
		if !m.Dying {
			g.doubt = 0
			return false
		}
	}
	if len(found) > 0 && g.doubt == 0 {
		g.doubt = s.now + doubtBound
	}
	return len(found) == 0 || s.now >= g.doubt
}

func (s *Supervisor) release(found []member) {
	for _, m := range found {
		if m.handle != 0 {
			s.k.Close(m.handle)
		}
	}
}

// reach signals what a census found of a generation: KILL to all, or the stop
// signal, once, to those that did not get it with the group.
func (s *Supervisor) reach(g *generation, found []member) {
	for _, m := range found {
		switch {
		case g.over || m.handle == 0:
		case g.killing:
			s.signal(g, m, syscall.SIGKILL)
		case g.term && m.Pgrp != g.child.Pid && g.told[m.Pid] != m.StartTime:
			if g.told == nil {
				g.told = map[int]uint64{}
			}
			g.told[m.Pid] = m.StartTime
			s.signal(g, m, g.svc.conf.StopSignal)
			s.signal(g, m, syscall.SIGCONT)
		}
	}
	if g.frozen && g.killing && !g.over {
		g.frozen = false
		s.thaw(g)
	}
}

func (s *Supervisor) signal(g *generation, m member, sig syscall.Signal) {
	if err := s.k.Signal(m.handle, sig); err != nil && err != syscall.ESRCH {
		s.notice(Warning, g.svc, "cannot send SIG%s to its process %d: %v", name(sig), m.Pid, err)
	}
}

// censusJob runs outside the loop and has copies of all it needs.
type censusJob struct {
	k        sys.Kernel
	tree     *cgroupfs.Tree
	self     int
	known    map[int]bool
	at       *atomic.Int64
	subjects []subject
}

func (j censusJob) run() ([][]member, error) {
	members := make([][]member, len(j.subjects))
	q := procfs.Query{Self: j.self, Known: j.known, At: func(pid int) { j.at.Store(int64(pid)) }, Groups: map[int]bool{}, Invocations: map[string]bool{}}
	for i, sub := range j.subjects {
		if sub.leaf != "" {
			members[i] = j.inLeaf(sub)
			continue
		}
		if sub.pgid != 0 {
			q.Groups[sub.pgid] = true
		}
		q.Invocations[sub.invocation] = true
	}
	if len(q.Invocations) == 0 {
		return members, nil
	}
	all, err := procfs.Find(j.k, q)
	for _, m := range all {
		for i, sub := range j.subjects {
			switch {
			case sub.leaf != "" || m.Pid == sub.main:
			case m.Dying:
				members[i] = append(members[i], member{Member: m}) // nothing can be done to it
			case m.Pgrp == sub.pgid || m.Invocation == sub.invocation:
				members[i] = j.hold(members[i], m)
			}
		}
	}
	return members, err
}

func (j censusJob) inLeaf(sub subject) (found []member) {
	pids, _ := j.tree.Procs(sub.leaf)
	for _, pid := range pids {
		if pid == sub.main {
			continue
		}
		if st, err := procfs.ReadStat(j.k, pid); err == nil && st.Alive() {
			found = j.hold(found, procfs.Member{Pid: pid, StartTime: st.StartTime, Pgrp: st.Pgrp, Ppid: st.Ppid})
		}
	}
	return found
}

// hold opens a handle and makes sure that it names the process that was seen:
// the number could have been given to another one in between. A process for
// which no handle can be had now (EMFILE) is a member all the same, out of reach
// until the next census. So is one that has gone since: when this census met
// its children, they were not gosv's yet.
func (j censusJob) hold(found []member, m procfs.Member) []member {
	h, err := j.k.OpenPid(m.Pid)
	if err != nil {
		return append(found, member{m, 0})
	}
	if st, err := procfs.ReadStat(j.k, m.Pid); err != nil || st.StartTime != m.StartTime {
		j.k.Close(h)
		h = 0
	}
	return append(found, member{m, h})
}
