package sim

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checker checks a run against the invariants of docs/reference/invariants.md.
type checker struct {
	s             Scenario
	k             *fakesys.Kernel
	sup           *supervisor.Supervisor
	r             *Report
	keep          bool
	timeline      *timelineBuilder // nil: nobody looks
	self          int
	byName        map[string]*serviceModel
	byPath        map[string]*serviceModel
	bySpawn       map[int]*serviceModel
	abortedSpawns map[int]bool // starts, in time
	order         []*serviceModel

	instanceOf []*instanceModel // by process number; nil: not of a service
	died       []time.Duration  // by number: when it became a zombie; -1
	signals    []signalLog      // by number

	birth        time.Duration // when a start was under way last
	mayMissAt    time.Duration // when gosv may have been blind last
	healed       bool
	healedAt     time.Duration
	lastActionAt time.Duration // when the last action was over
	stepsUsedUp  bool          // enough steps: no more actions
	over         bool          // TERM was sent
	ending       time.Duration // gosv was told to end; -1
	endTakenAt   time.Duration // when it heard that; -1
	endPending   bool          // it was told once more, and has not taken that yet
	secondEndAt  time.Duration // it was told again after that, and not by an echo; 0: not
	oomKills     int           // so often the OOM killer has struck
	oomKilledAt  time.Duration // last
	oomService   *serviceModel // of whom
	endings      int
	previous     bool          // a gosv has died before this one
	disturbedAt  time.Duration // when a call was failed, or gosv crashed, last
	fails        *failer

	slowSinks        []*slowSink
	base             int             // descriptors before the run
	drawn            float64         // for the jitter, last
	fresh            bool            // and nothing has used it
	reclaimed        *instanceModel  // of whom was reaped last
	reapedPID        int             // the PID that was reaped last, until the call returns
	leaderReapedAt   time.Duration   // when a zombie that was held for its survivors was reaped last
	keptInstances    int             // gosv reported so often that it keeps one, and with it the lock
	leftoverReported bool            // gosv said that it leaves a cgroup behind
	neighbours       []string        // instances of other gosvs that live
	made             map[string]bool // directories, by any gosv
	grouped          bool            // gosv has made a cgroup for a start
	leaf             string          // the last such
	invocations      map[string]bool // of all starts that have come to their program
	starts           int             // without a result
	jobs             int             // under way: what they hold goes with gosv's process

	resultAt time.Duration // when gosv took results of starts last
	turnAt   time.Duration // when it woke last
	calls    int           // of gosv at one instant
	callsAt  time.Duration // that one
	shutting bool          // a shutdown has begun in this turn
}

func newChecker(s Scenario, k *fakesys.Kernel, r *Report) *checker {
	size := 301
	if s.Machine.PidMax > 0 {
		size = s.Machine.PidMax + 1
	}
	c := &checker{s: s, k: k, r: r, self: k.Pid(), byName: map[string]*serviceModel{}, byPath: map[string]*serviceModel{}, bySpawn: map[int]*serviceModel{}, abortedSpawns: map[int]bool{}, made: map[string]bool{}, invocations: map[string]bool{},
		instanceOf: make([]*instanceModel, size), died: make([]time.Duration, size), signals: make([]signalLog, size), ending: -1, endTakenAt: -1, healed: s.HealAt == 0, base: k.Descriptors()}
	for i := range c.died {
		c.died[i] = -1
	}
	for _, svc := range s.Services {
		t := &serviceModel{svc: svc, lasting: s.lasts(&svc), wanted: true, asked: -1, phase: lifecycle.Stopped.String(), due: -1}
		c.byName[svc.Name], c.byPath[svc.Command] = t, t
		c.order = append(c.order, t)
	}
	k.OnNote(c.note)
	return c
}

// broken records a violation of a rule.
func (c *checker) broken(rule Rule, text string) {
	c.r.Violations = append(c.r.Violations, fmt.Sprintf("%v: invariant %v: %s", c.k.Now(), rule, text))
}

// fail records a violation and ends the run, because what follows a broken invariant proves
// nothing.
func (c *checker) fail(rule Rule, format string, args ...any) {
	c.broken(rule, fmt.Sprintf(format, args...))
	panic(&stop{})
}

// commanded notes a command of an operator.
func (c *checker) commanded(name string, kind lifecycle.Kind) {
	t := c.byName[name]
	switch kind {
	case lifecycle.Start:
		c.decideNoStart(t)
		t.wanted = true
		t.startsSent++
	case lifecycle.Kill:
		t.forced = true
		fallthrough
	case lifecycle.Stop:
		t.wanted = false
		t.asked = c.k.Now()
	}
}

// shutdownDebounce is how soon after gosv heard that it is to end a further signal says nothing
// more: it comes of how the first was sent.
const shutdownDebounce = 100 * time.Millisecond

// endAsked notes a signal to gosv that asks it to end.
func (c *checker) endAsked() {
	now := c.k.Now()
	if c.endings++; c.endings == 1 {
		c.ending = now
		return
	}
	c.endPending = true
	if c.endTakenAt >= 0 && c.secondEndAt == 0 && c.overdue(c.endTakenAt, now, shutdownDebounce-1) {
		c.secondEndAt = now
	}
}

// essentialEnded: the end of an essential service ends gosv as a signal does.
func (c *checker) essentialEnded(t *serviceModel, at time.Duration) {
	if t.svc.Essential && c.endTakenAt < 0 {
		c.ending, c.endTakenAt = at, at
	}
}

// takesEndSignal: gosv takes signals, and one that ends it is among them, or was. A further
// one that it finds an echo later may be taken for a second wish.
func (c *checker) takesEndSignal(at time.Duration) {
	if c.endTakenAt < 0 {
		c.endTakenAt = at
	} else if c.endPending && (at >= c.endTakenAt+shutdownDebounce || c.s.Attached) {
		for _, t := range c.order {
			t.forced = true
		}
	}
	c.endPending = false
}

// signalled: somebody sends a signal.
func (c *checker) signalled(n fakesys.Note) {
	sig := syscall.Signal(n.M)
	if n.Who != c.self || sig == 0 {
		return
	}
	f := c.instanceOf[n.N]
	if f == nil || f.previous {
		if c.isChild(n.N) && c.ending >= 0 || c.probing(n.N) || c.previous && c.inDeadGroup(n.N) {
			c.excuse(ruleOwnSignals, othersOwn)
			return
		}
		c.fail(ruleOwnSignals, "SIG%s to PID %d, which is not a process of a service", signame.Name(sig), n.N)
	}
	c.decide(ruleOwnSignals)
	c.signalSent(n, f)
	if f.termAt < 0 && sig == f.of.svc.StopSignal && !f.ended {
		f.termAt = n.At
	}
	f.killed = f.killed || sig == syscall.SIGKILL
	if sig == syscall.SIGKILL && c.secondEndAt > 0 && n.At >= c.secondEndAt {
		c.decide(ruleSecondEnd)
	}
	if sig != syscall.SIGKILL || f.of.svc.StopSignal == syscall.SIGKILL {
		return
	}
	if f.killAt < 0 && n.N == f.main {
		f.killAt = n.At
	}
	if f.born > 0 {
		c.checkKill(f, n)
	}
}

// isChild reports whether a process is a child of gosv.
func (c *checker) isChild(pid int) bool {
	p, ok := c.k.Process(pid)
	return ok && p.Ppid == c.self
}

// probing reports whether a process is the start that tries out a cgroup.
func (c *checker) probing(pid int) bool {
	p, ok := c.k.Process(pid)
	return ok && p.Ppid == c.self && p.Spawn != 0 && c.bySpawn[int(p.Spawn)] == nil
}

// checkKill checks rule 9: KILL comes after the grace. It comes at once only for leftovers
// of a main process that exited by itself, and where it was requested.
func (c *checker) checkKill(f *instanceModel, n fakesys.Note) {
	t := f.of
	switch {
	case t.forced:
		c.excuse(ruleGrace, requested)
	case f.unreachable, c.undetectable(f, n.N):
		c.excuse(ruleGrace, outOfReach)
	case f.ended && f.termAt < 0: // a leftover of a main process that exited by itself has no grace
	case c.spawnedTooLate(f):
		c.excuse(ruleGrace, startAborted)
	case f.termAt < 0:
		c.fail(ruleGrace, "%s: KILL to PID %d, which got no stop signal", t.svc.Name, n.N)
	case n.At < f.termAt+t.svc.StopTimeout:
		c.fail(ruleGrace, "%s: KILL to PID %d %v after the stop signal, stop_timeout is %v", t.svc.Name, n.N, n.At-f.termAt, t.svc.StopTimeout)
	case f.living == 0 && f.seenAt == 0 && f.endedAt < max(c.turnAt, f.termAt+t.svc.StopTimeout) && c.exitsAreReliable():
		c.fail(ruleGrace, "%s: KILL to PID %d, which exited in time before gosv woke: gosv has not checked", t.svc.Name, n.N)
	default:
		c.decide(ruleGrace)
		c.checkStopReached(f, n)
	}
}

// undetectable reports what a main process that is dead has made with CLONE_PARENT, and that
// has left its group: without a cgroup gosv finds it at its own end only.
func (c *checker) undetectable(f *instanceModel, pid int) bool {
	p, ok := c.k.Process(pid)
	return ok && p.Sibling && f.ended && f.leaf == "" && p.Pgid != f.main
}

// exitsAreReliable reports whether gosv is told of every exit when it asks.
func (c *checker) exitsAreReliable() bool {
	f := c.s.Machine.Faults
	return f == nil || f.LostExit+f.LateExit+f.StolenExit == 0
}

// spawnedTooLate reports whether the program was executed, or gosv heard of it, after its
// start was given up.
func (c *checker) spawnedTooLate(f *instanceModel) bool {
	return f.born-f.of.spawnedAt >= f.of.svc.stopBound() || c.abortedSpawns[f.spawn]
}

// spawnAborted: gosv gives up a start, which it may when it took too long.
func (c *checker) spawnAborted(n fakesys.Note) {
	if t := c.bySpawn[n.N]; t != nil {
		c.abortedSpawns[n.N] = n.At-t.spawnedAt >= t.svc.stopBound()
		t.programBlamed = true // a slow start counts as a failure of the program
	}
}

// stopBound is how long a start may take at least, whatever ends it.
func (s Service) stopBound() time.Duration { return min(s.StartTimeout, s.StopTimeout) }

// checkStart checks rules 8 and 6: nothing starts that an operator stopped, that has
// failed, or that a shutdown ends.
func (c *checker) checkStart(t *serviceModel, at time.Duration) {
	switch {
	case c.observedEnd():
		c.fail(ruleNoStart, "%s is started during the shutdown", t.svc.Name)
	case !t.wanted && !c.settledStop(t, at):
		c.excuse(ruleNoStart, requested)
	case !t.wanted:
		c.fail(ruleNoStart, "%s is started at %v; it was stopped at %v", t.svc.Name, at, t.asked)
	}
	if t.due >= 0 {
		t.startedEarly = at < t.due
		c.decide(ruleDelay)
		if t.startedEarly && t.startsSent+t.startsTaken == 0 { // a start command does not wait for the backoff
			c.fail(ruleDelay, "%s is started %v before its delay is over", t.svc.Name, t.due-at)
		}
		c.checkLate(t, at)
		t.due = -1
	}
}

// decideNoStart counts a stopped service that has not been started since.
func (c *checker) decideNoStart(t *serviceModel) {
	if !t.wanted && t.asked >= 0 && c.settledStop(t, c.k.Now()) {
		c.decide(ruleNoStart)
	}
}

// settledStop reports whether gosv has had the time to take a stop command.
func (c *checker) settledStop(t *serviceModel, at time.Duration) bool {
	return c.overdue(t.asked, at, c.s.maxDelay())
}

// observedEnd reports whether gosv has had the time to see that it is to end.
func (c *checker) observedEnd() bool {
	return c.ending >= 0 && c.overdue(c.ending, c.k.Now(), c.s.maxDelay())
}
