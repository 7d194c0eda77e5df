package supervisor

import (
	"errors"
	"syscall"
	"time"

	"github.com/gosv/gosv/supervisor/instance"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// seenExit is a main process whose exit has just been seen.
type seenExit struct {
	in      *liveInstance
	outcome lifecycle.Outcome
	facts   instance.Facts
}

// takeExits handles the main processes that exited. All of them exited before the
// orphans are asked for once: if there are none, no zombie has to be held.
func (s *Supervisor) takeExits() {
	handles := s.k.Exited()
	if len(handles) == 0 {
		return
	}
	orphans, err := s.k.Orphans()
	noOrphans := err == nil && !orphans.Exist
	var exits []seenExit
	for _, h := range handles {
		if in := s.instances.byHandle[h]; in != nil {
			s.guarded(in.svc, func() { exits = append(exits, s.lookAtMain(in, noOrphans)...) })()
			continue
		}
		s.orphans.abandoned.reap(h)
	}
	s.followExits(exits)
}

// checkMain looks at a main process outside of takeExits.
func (s *Supervisor) checkMain(in *liveInstance) { s.followExits(s.lookAtMain(in, false)) }

// lookAtMain looks at a main process that may have exited, and gives its exit if it
// was not seen before.
func (s *Supervisor) lookAtMain(in *liveInstance, noOrphans bool) []seenExit {
	if in.state.Stage() != instance.StageAlive {
		return nil
	}
	look := s.k.Peek
	if noOrphans {
		look = s.k.Reap
	}
	st, ended, err := look(in.child.Handle)
	reaped := noOrphans
	if err == nil && ended && !noOrphans {
		if where := s.locate(in); where != instance.StillAlive {
			s.advance(in, instance.Event{Kind: where})
		}
		if in.state.MayReap(noOrphans) {
			st, ended, err = s.k.Reap(in.child.Handle)
			reaped = true
		}
	}
	return s.mainLooked(in, st, ended, reaped, err)
}

// mainLooked follows a look at a main process. Only ECHILD says that it is gone: after
// another error nothing is known of it.
func (s *Supervisor) mainLooked(in *liveInstance, st sys.Status, ended, reaped bool, err error) []seenExit {
	out := outcome(st)
	switch {
	case errors.Is(err, syscall.ECHILD):
		// Its process group may be another one by now.
		if s.locate(in) == instance.PlaceLost {
			s.advance(in, instance.Event{Kind: instance.PlaceLost})
		}
		out = lifecycle.Outcome{Cause: lifecycle.Unknown}
		s.advance(in, instance.Event{Kind: instance.StatusLost})
	case err != nil:
		s.report(LookFailed{Service: in.svc.name(), PID: in.child.Pid, Err: err})
		s.advance(in, instance.Event{Kind: instance.LookFailed})
		return nil
	case !ended:
		s.advance(in, instance.Event{Kind: instance.StillAlive})
		return nil
	default:
		s.advance(in, instance.Event{Kind: instance.Exit, Reaped: reaped})
	}
	if in.state.Main == instance.Reaped {
		s.instances.reaped(in)
	}
	return []seenExit{{in: in, outcome: out}}
}

// locate finds out in which cgroup the main process, or its zombie, is: StillAlive means
// that it is where it should be, or that nothing rests on that. It is the one read of
// /proc inside a turn, for an exit beside orphans only: /proc/PID/cgroup does not touch
// the memory of the process, so it cannot hang on that as environ and cmdline can.
func (s *Supervisor) locate(in *liveInstance) instance.Kind {
	if in.state.TrackedByScan() {
		return instance.StillAlive
	}
	inside, err := s.cgroups.tree.Contains(in.cgroup, in.child.Pid)
	if inside {
		return instance.StillAlive
	}
	if err == nil {
		_, _, err = s.k.Peek(in.child.Handle) // else the PID may have been reused
	}
	if err != nil {
		return instance.PlaceLost // for ever, if another process reaped it
	}
	return instance.Escape
}

// followExits finds out which instances are empty with their main process, and
// hands the exits to the services. The process groups of all are queried before the orphans.
func (s *Supervisor) followExits(exits []seenExit) {
	ask := false
	for i := range exits {
		e := &exits[i]
		e.outcome.OOM = s.cgroups.sawOOM(e.in)
		_, next := s.gather(e.in, &e.facts, instance.Orphans)
		ask = ask || next == instance.Orphans
	}
	answer := instance.Unknown
	if ask {
		answer = s.orphansExist()
	}
	for i := range exits {
		e := &exits[i]
		e.facts.Orphans = answer
		empty, _ := e.in.state.Empty(e.facts)
		s.guarded(e.in.svc, func() { s.exited(e.in, e.outcome, empty) })()
	}
}

// exited hands the exit of its main process to a service.
func (s *Supervisor) exited(in *liveInstance, out lifecycle.Outcome, empty bool) {
	out.Final = s.terminal.ended(out, in.state.Signals != instance.NoSignal)
	if empty {
		s.advance(in, instance.Event{Kind: instance.NoneLeft})
	} else {
		s.instances.leaving = append(s.instances.leaving, in)
		s.reportBackground(in, out)
		s.advance(in, instance.Event{Kind: instance.NotEmpty})
	}
	s.step(in.svc, lifecycle.Event{Kind: lifecycle.MainExited, Outcome: out, Empty: empty})
}

// backgroundWithin is how soon after its start a main process exits that only starts
// another one in the background, as a daemon does.
const backgroundWithin = 3 * time.Second

// reportBackground reports a program that has put itself into the background: what it
// left is killed, since gosv supervises main processes.
func (s *Supervisor) reportBackground(in *liveInstance, out lifecycle.Outcome) {
	ran := s.now() - in.child.ExecAt
	if out.Cause == lifecycle.ByExit && out.Code == 0 && ran < backgroundWithin && in.state.Signals == instance.NoSignal {
		s.report(WentToBackground{Service: in.svc.name(), PID: in.child.Pid, Ran: ran})
	}
}

func outcome(st sys.Status) lifecycle.Outcome {
	if st.Signal != 0 {
		return lifecycle.Outcome{Cause: lifecycle.BySignal, Signal: st.Signal, Core: st.Core}
	}
	return lifecycle.Outcome{Cause: lifecycle.ByExit, Code: st.Code}
}
