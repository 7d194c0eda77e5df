package supervisor

import (
	"sync/atomic"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// census finds the members of generations by looking at every process, or at
// every member of a cgroup. It runs as a job outside the loop, because reading
// /proc of a child can block; one runs at a time and answers all who asked
// before it began.
//
// Reading the environment of a process can hang for ever (its memory is locked
// by something in D state). When a census has been at one process for censusBound, the
// next one begins without waiting, and passes over that process until the first one
// gets on. One that does is waited for: the machine is slow, or gosv was stopped.
type census struct {
	at      *atomic.Int64 // the process that the one under way looks at; nil: none is under way
	seen    int64         // where it was when that was last looked at
	asked   []*generation
	overdue *alarm
	failing failing               // whether the last one did
	hung    map[*atomic.Int64]int // those that hang, and at which process
}

// subject is what a census must know of a generation, copied for the job.
type subject struct {
	gen        *generation
	leaf       string
	counted    bool // its members need not be in the leaf
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
	if s.census.at != nil || len(s.census.asked) == 0 {
		return
	}
	s.census.at, s.census.seen = new(atomic.Int64), -1
	s.alarms.set(s.census.overdue, s.now()+censusBound)
	var subjects []subject
	for _, g := range s.census.asked {
		g.asked = false
		sub := subject{gen: g, leaf: g.leaf, counted: g.counted(), invocation: g.invocation, ended: g.ended}
		if !g.reaped { // a number that nothing pins may be a stranger's by now
			sub.pgid = g.child.Pid
		}
		if !g.ended {
			sub.main = g.child.Pid
		}
		subjects = append(subjects, sub)
	}
	s.census.asked = nil
	s.submit(censusTask{look: s.look(), tree: s.tree, at: s.census.at, subjects: subjects, deaths: s.deaths})
}

// giveUpCensus goes on without a census that hangs. Its result is taken if it
// comes after all. The generations that it was for ask again.
func (s *Supervisor) giveUpCensus() {
	at := s.census.at.Load()
	if at != s.census.seen {
		s.census.seen = at
		s.alarms.set(s.census.overdue, s.now()+censusBound)
		return
	}
	pid := int(at)
	s.report(ScanHung{PID: pid})
	s.census.hung[s.census.at] = pid
	s.census.at = nil
	s.beginCensus()
}

// knownPids are the children whose services are known: a census need not ask
// them whose they are.
func (s *Supervisor) knownPids() map[int]bool {
	known := map[int]bool{}
	for pid := range s.byPid {
		known[pid] = true
	}
	for _, pid := range s.census.hung {
		known[pid] = true
	}
	return known
}

// takeCensus acts on what a census found. members[i] are those of its subjects[i].
func (s *Supervisor) takeCensus(t censusTask, members [][]member, err error) {
	delete(s.census.hung, t.at)
	if s.census.at == t.at {
		s.census.at = nil
		s.alarms.set(s.census.overdue, sys.Never)
	}
	s.tellCensus(err)
	s.sweep()
	for i, sub := range t.subjects {
		found := members[i] // after an error a part of them, with their handles
		if g := sub.gen; sub.pgid != 0 && g.reaped && !g.over {
			// Somebody else has reaped its main process meanwhile: the number of
			// its group was not pinned, and may be a stranger's.
			s.release(found)
			s.askCensus(g)
			continue
		}
		s.reach(sub.gen, found)
		s.release(found)
		if g := sub.gen; err == nil && !g.over && sub.counted && sub.ended && s.nobody(g, found, s.deaths == t.deaths && (g.reaped || !s.groupLives(g))) {
			s.emptied(g)
		}
	}
	s.beginCensus()
}

// tellCensus tells why a census failed, once until one succeeds: it may be asked for
// twice a second.
func (s *Supervisor) tellCensus(err error) {
	if s.census.failing.first(err) {
		s.report(ScanFailed{Err: err})
	}
}

// nobody tells whether a census found that nothing of a generation lives. One
// pass over /proc can be dodged: a process that was listed forks, and ends before
// it is looked at. But while anything of a generation lives, the topmost of it is a
// child of gosv, so a pass that found nothing, and during which no orphan died,
// has missed nothing. The topmost may be no orphan, but what the main process made
// with CLONE_PARENT, whose death is not seen while that is held: then its group lives.
//
// Else there is doubt, and another pass; but not for long, since the dying may be
// strangers: orphans of other services, or a process that hangs in its exit and
// hides whose it was.
func (s *Supervisor) nobody(g *generation, found []member, quiet bool) bool {
	for _, m := range found {
		if !m.Dying {
			g.doubt = 0
			return false
		}
	}
	if len(found) == 0 && quiet {
		return true
	}
	if len(found) == 0 {
		s.askCensus(g)
	}
	if g.doubt == 0 {
		g.doubt = s.now() + doubtBound
	}
	return s.now() >= g.doubt
}

func (s *Supervisor) release(found []member) {
	for _, m := range found {
		if m.handle != 0 {
			s.k.Close(m.handle)
		}
	}
}

// reach signals what a census found of a generation: KILL to all, or the stop
// signal, once, to those that did not get it with the group, and CONT after it.
func (s *Supervisor) reach(g *generation, found []member) {
	for _, m := range found {
		switch {
		case g.over || m.handle == 0:
		case g.killing:
			s.tellKill(g)
			s.signal(g, m, syscall.SIGKILL)
		case g.term && g.told[m.Pid] != m.StartTime:
			if g.told == nil {
				g.told = map[int]uint64{}
			}
			g.told[m.Pid] = m.StartTime
			if m.Pgrp != g.child.Pid {
				s.signal(g, m, g.svc.conf.StopSignal)
			}
			s.signal(g, m, syscall.SIGCONT) // it may be stopped, and its leader have ended before the group was continued
		}
	}
	if g.frozen && g.killing && !g.over {
		g.frozen = false
		s.thaw(g)
	}
}

func (s *Supervisor) signal(g *generation, m member, sig syscall.Signal) {
	if err := s.k.Signal(m.handle, sig); err != nil && err != syscall.ESRCH {
		s.report(SignalFailed{Service: g.svc.conf.Name, PID: m.Pid, Signal: sig, Err: err})
	}
}
