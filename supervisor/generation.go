package supervisor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// generation is one incarnation of a service, from the request for its start
// until nothing of it is left.
type generation struct {
	svc        *service
	number     uint64
	id         sys.SpawnID
	invocation string    // the value of GOSV_INVOCATION in its environment
	leaf       string    // its cgroup; "" without
	ooms       uint64    // oom_kill of its service when it was made
	child      sys.Child // zero until born
	foreground bool      // was given the terminal at birth

	aborted    bool // its start was given up
	overdue    bool // aborted at the last safety reap already
	writtenOff bool // and nobody waits for its result any more
	ended      bool // the end of the main process was observed
	reaped     bool // and its zombie is gone; until then its number is pinned
	term       bool // the stop signal was sent
	killing    bool // KILL was sent
	killTold   bool // and said so
	byHand     bool // its cgroup cannot be killed as a whole
	frozen     bool // by us, to be killed member by member
	over       bool // nothing of it lives
	leftGroup  bool // the main process is not in the group that it led
	loose      bool // the main process was reaped while something of it may live: nothing pins the number of its group
	strayed    bool // it may have members outside its cgroup: a census says who is left

	watch sys.WatchID
	asked bool           // waits for the next census
	told  map[int]uint64 // members that have the stop signal and CONT, each for itself: pid, start time
	alarm *alarm         // looks again whether it is empty
	pause time.Duration  // until then
	doubt time.Duration  // until when something of it may live that no census sees; 0: there was no reason
}

func (s *Supervisor) newGeneration(svc *service, id sys.SpawnID) *generation {
	g := &generation{svc: svc, number: svc.state.Generation, id: id, invocation: fmt.Sprintf("%s-%x", s.token, uint64(id))}
	g.alarm = newAlarm(func() { s.recheck(g) })
	return g
}

// born takes the result of a start.
func (s *Supervisor) born(r sys.SpawnResult) {
	g := s.births[r.ID]
	delete(s.births, r.ID)
	if g == nil {
		panic(fmt.Sprintf("supervisor: a result of start %d, which was not asked for or had its result", r.ID))
	}
	if !g.writtenOff {
		s.awaited--
	}
	if r.ID == s.probe {
		s.tooLate(r)
		return
	}
	if g.writtenOff && r.Err == nil {
		r.Err = s.stillThere(g, r.Child.Handle)
	}
	if r.Err != nil {
		g.svc.gen = nil
		g.over = true
		s.k.CloseOutput(g.id)
		s.removeLeaf(g)
		s.step(g.svc, startFailure(g.svc, r.Err))
		return
	}
	g.child, g.svc.pid = r.Child, r.Child.Pid
	s.byHandle[g.child.Handle] = g
	s.byPid[g.child.Pid] = g
	if g.foreground {
		s.lent = true
	}
	s.step(g.svc, lifecycle.Event{Kind: lifecycle.Spawned, Born: r.Child.ExecAt})
	s.jobControl() // it may have stopped before its birth was known
}

// stillThere looks at the child of a start that was written off: nobody waited for
// its result, so its zombie may have been reaped as one that nobody knows. The number
// can be another's then.
func (s *Supervisor) stillThere(g *generation, h sys.Handle) error {
	if _, _, err := s.k.Peek(h); err == nil {
		return nil
	}
	s.k.Close(h)
	return &sys.SpawnError{Step: sys.StepExec, Path: g.svc.conf.Command, Err: syscall.ECHILD}
}

// mainEnded looks at a main process that is said to have ended.
func (s *Supervisor) mainEnded(g *generation) {
	if g.ended {
		return
	}
	alone := s.childless
	place := atHome
	if !alone {
		place = s.locate(g)
	}
	// Without a cgroup the zombie is held, because it pins the number of its
	// group; with one, or if nothing is left, nobody needs it any more.
	look := s.k.Peek
	release := !g.counted() && place == atHome || alone
	if release {
		look = s.k.Reap
	}
	st, ended, err := look(g.child.Handle)
	if err == nil && !ended {
		if place == elsewhere {
			s.takeBack(g)
		}
		if g.killing && g.counted() {
			s.askCensus(g) // it is a zombie of its tracer, which may be one of its own
		}
		return
	}
	if place != atHome {
		s.stray(g, place)
	}
	g.ended = true
	if err != nil || release {
		g.reaped = true
		delete(s.byPid, g.child.Pid)
		g.loose = err != nil || g.counted() && s.groupLives(g)
	}
	out := outcome(st)
	if err != nil {
		// ECHILD: somebody else waited for it. That it is gone is sure.
		out = lifecycle.Outcome{Cause: lifecycle.Unknown}
		s.report(ExitStatusLost{Service: g.svc.conf.Name, PID: g.child.Pid, Err: err})
	}
	out.OOM = s.sawOOM(g)
	out.Final = s.terminalEnded(g, out)
	empty := s.seeEmpty(g)
	if empty {
		s.retire(g)
	} else {
		s.leaving = append(s.leaving, g)
		s.recheckSoon(g)
	}
	s.step(g.svc, lifecycle.Event{Kind: lifecycle.MainExited, Outcome: out, Empty: empty})
}

func outcome(st sys.Status) lifecycle.Outcome {
	if st.Signal != 0 {
		return lifecycle.Outcome{Cause: lifecycle.BySignal, Signal: st.Signal, Core: st.Core}
	}
	return lifecycle.Outcome{Cause: lifecycle.ByExit, Code: st.Code}
}

// retire gives up everything that belongs to a generation that is empty.
func (s *Supervisor) retire(g *generation) {
	s.reap(g)
	g.over = true
	delete(s.byHandle, g.child.Handle)
	s.k.Close(g.child.Handle)
	s.k.CloseOutput(g.id)
	s.unwatch(g)
	s.alarms.set(g.alarm, sys.Never)
	s.removeLeaf(g)
	g.svc.gen = nil
}

// reap takes the zombie of a main process whose end was observed.
func (s *Supervisor) reap(g *generation) {
	if g.reaped {
		return
	}
	g.reaped = true
	delete(s.byPid, g.child.Pid)
	if _, _, err := s.k.Reap(g.child.Handle); err != nil {
		s.report(ReapFailed{Service: g.svc.conf.Name, PID: g.child.Pid, Err: err})
	}
}

// leftover is what is left of a service.
func (s *Supervisor) leftover(svc *service) Leftover {
	left := Leftover{Service: svc.conf.Name}
	switch g := svc.gen; {
	case g == nil:
	case g.child.Handle == 0:
		left.Spawning = true
	case !g.ended:
		left.PIDs = []int{g.child.Pid}
	case !g.counted():
		left.PIDs, _ = s.tree.Procs(g.leaf)
	default:
		left.Group = g.child.Pid
	}
	return left
}

// environment is gosv's own with the service's on top, each name once.
func environment(base []string, own map[string]string) []string {
	var env []string
	for _, kv := range base {
		name, _, _ := strings.Cut(kv, "=")
		if _, replaced := own[name]; !replaced && name != procfs.InvocationVariable {
			env = append(env, kv)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		env = append(env, name+"="+own[name])
	}
	return env
}

func name(sig syscall.Signal) string { return signame.Name(sig) }
