package supervisor

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/sys"
)

// doubtBound is how long a dying process of an unknown instance may be the last of one.
const doubtBound = time.Second

// scanContext copies what a job needs that looks at processes.
func (s *Supervisor) scanContext() scanContext {
	known := make(map[int]bool, len(s.instances.byPID))
	for pid := range s.instances.byPID {
		known[pid] = true
	}
	s.scan.passOver(known)
	return scanContext{self: s.k.Pid(), known: known, blind: s.opt.Host.Blind, deaths: s.orphans.deaths, tree: s.cgroups.tree}
}

// scanSubjects copies what a scan must know of instances. One that is being stopped and
// has no cgroup can have members elsewhere only if gosv has an orphan: without one a
// look at its main process is enough.
func (s *Supervisor) scanSubjects(ids []sys.SpawnID) (subjects []scanSubject) {
	orphans := instance.Unknown
	for _, id := range ids {
		in := s.instances.byID[id]
		if in == nil || in.child.Handle == 0 {
			continue
		}
		in.scanAsked = false
		sub := scanSubject{id: id, cgroup: in.cgroup, tracked: in.state.TrackedByScan(), invocation: in.invocation}
		if in.state.Pinned() {
			sub.pgid = in.child.Pid
		}
		if in.state.Stage() == instance.StageAlive {
			sub.main, sub.signalled = in.child.Pid, in.state.Signals != instance.NoSignal
			if orphans == instance.Unknown {
				orphans = s.orphansExist()
			}
			sub.tracked = sub.tracked && orphans == instance.Yes
		}
		subjects = append(subjects, sub)
	}
	return subjects
}

// scanned acts on what a process scan found.
func (s *Supervisor) scanned(req scanRequest, res scanResult) {
	s.reapOrphans()
	for i, sub := range req.subjects {
		found := res.members[i] // after an error a part of them, with their handles
		in := s.instances.byID[sub.id]
		switch {
		case in == nil:
		case sub.pgid != 0 && !in.state.Pinned():
			// Another process has reaped its main process meanwhile: the PID of its group
			// was not pinned, and may be another's.
			s.scan.ask(in)
		default:
			s.guarded(in.svc, func() { s.reach(in, sub, res.mains[i], found) })()
			if res.err == nil && !in.over() && sub.tracked && sub.main == 0 && s.noneLeft(in, found, req.context.deaths) {
				s.guarded(in.svc, func() { s.emptied(in) })()
			}
		}
		s.closeAll(found)
	}
}

// noneLeft reports whether a scan found that nothing of an instance lives. One pass over
// /proc can be dodged: a process that was listed forks, and exits before it is looked
// at. But while anything of an instance lives, the topmost of it is a child of gosv, so
// a pass that found nothing, and during which no orphan died, is proof.
//
// Otherwise another pass decides; but not for long, since the dying may be others:
// orphans of other services, or a process that hangs in its exit and hides whose it was.
func (s *Supervisor) noneLeft(in *liveInstance, found []member, deaths int) bool {
	for _, m := range found {
		if !m.Dying {
			in.emptyBy = 0
			return false
		}
	}
	if len(found) == 0 {
		if s.orphans.deaths == deaths && (in.state.Main == instance.Reaped || !s.groupAlive(in)) {
			return true
		}
		s.scan.ask(in)
	}
	if in.emptyBy == 0 {
		in.emptyBy = s.now() + doubtBound
	}
	return s.now() >= in.emptyBy
}

// reach signals what a scan found of an instance: KILL to all, or the stop signal, once,
// to those that did not get it with the group, and CONT after it.
func (s *Supervisor) reach(in *liveInstance, sub scanSubject, main mainSeen, found []member) {
	if in.over() {
		return
	}
	if in.state.Stage() == instance.StageAlive && sub.signalled {
		s.reachMain(in, main)
	}
	reached := 0
	for _, m := range found {
		switch {
		case m.handle == 0:
		case in.state.Signals == instance.Killing:
			reached++
			s.signalMember(in, m, syscall.SIGKILL)
		case in.state.Signals == instance.Stopping && in.signalled[m.Pid] != m.StartTime:
			if in.signalled == nil {
				in.signalled = map[int]uint64{}
			}
			in.signalled[m.Pid] = m.StartTime
			if m.Pgrp != in.child.Pid {
				s.signalMember(in, m, in.svc.conf.StopSignal)
			}
			s.signalMember(in, m, syscall.SIGCONT) // it may be stopped, and its leader have exited before the group was continued
		}
	}
	s.advance(in, instance.Event{Kind: instance.Scanned, Found: reached})
}

// reachMain follows what a scan saw of a main process that is being stopped or killed.
func (s *Supervisor) reachMain(in *liveInstance, main mainSeen) {
	if main.escaped && in.state.Place == instance.InCgroup && s.stillOurs(in) {
		s.advance(in, instance.Event{Kind: instance.Escape})
		s.scan.ask(in)
	}
	if main.leftGroup && in.state.Signals == instance.Stopping && in.state.Group == instance.InGroup && s.stillOurs(in) {
		s.advance(in, instance.Event{Kind: instance.LeaveGroup})
		s.signalMain(in, syscall.SIGCONT)
	}
}

// stillOurs reports whether the main process of an instance is unreaped: else its PID may
// have been reused when the scan looked at it.
func (s *Supervisor) stillOurs(in *liveInstance) bool {
	_, _, err := s.k.Peek(in.child.Handle)
	return err == nil
}

func (s *Supervisor) signalMember(in *liveInstance, m member, sig syscall.Signal) {
	if err := s.k.Signal(m.handle, sig); err != nil && err != syscall.ESRCH {
		s.report(SignalFailed{Service: in.svc.name(), PID: m.Pid, Signal: sig, Err: err})
	}
}

func (s *Supervisor) closeAll(found []member) {
	for _, m := range found {
		if m.handle != 0 {
			s.k.Close(m.handle)
		}
	}
}
