package sim

import (
	"bytes"
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sim/timeline"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Report is how a run went.
type Report struct {
	Violations []string // the invariants that were broken, the first one first
	Result     supervisor.Result
	Hash       uint64 // of the trace
	Steps      int    // calls through the seam and events of the fake kernel
	Time       time.Duration
	Trace      string // readable, if it was asked for
	Changes    []supervisor.Change
	Verdicts   Verdicts
	Pairs      Pairs
	Fired      fakesys.Fired  // how often each fault of the catalogue happened
	Timeline   timeline.Chart // if a trace was asked for
	Done       int            // actions that wait (Action.Within) and were done
	Spared     []string       // those that were not, and why
}

// Failed reports whether an invariant was broken.
func (r *Report) Failed() bool { return len(r.Violations) > 0 }

// Run plays the scenario.
func (s Scenario) Run(choices fakesys.Choices) *Report { return s.play(choices, nil, nil) }

// RunTraced plays it and keeps the readable trace.
func (s Scenario) RunTraced(choices fakesys.Choices) *Report {
	var trace bytes.Buffer
	r := s.play(choices, &trace, nil)
	r.Trace = trace.String()
	return r
}

func (s Scenario) play(choices fakesys.Choices, trace *bytes.Buffer, rec *recorder) *Report {
	r := &Report{}
	opt := s.Machine
	opt.Choices = choices
	if trace != nil {
		opt.Trace = trace
	}
	if rec != nil {
		opt.Choices = rec.choices(choices)
	}
	opt.Horizon = max(s.EndAt, s.HealAt) + (s.stopBound()+time.Minute)*time.Duration(1+len(s.Crashes)) + s.convergence() // see endWhenConverged
	var fails *failer
	if len(s.Fails) > 0 || len(s.Slow) > 0 || rec != nil {
		fails = newFailer(s, rec)
		s.Machine.Faults = &fails.faults
		opt.Faults = s.Machine.Faults
	}
	k := fakesys.New(opt)
	k.LogSignals(false)
	if rec != nil {
		rec.watch(k)
	}
	c := newChecker(s, k, r)
	if c.keep = trace != nil; c.keep {
		c.timeline = newTimelineBuilder(c)
	}
	if fails != nil {
		fails.failed = func() { c.disturbedAt = k.Now() }
	}
	c.fails = fails
	s.install(k, c)
	s.crash(c)
	for {
		c.sup = supervisor.New(s.options(c.k, c))
		how := c.guard(func() { r.Result = c.sup.Run() })
		if how == broken {
			break
		}
		if how == returned && !c.killed() {
			c.k.SetFaults(c.fails.left()) // from now on it is the checker who looks
			c.atEnd()
			break
		}
		c.restartGosv()
	}
	r.Hash, r.Steps, r.Time, r.Fired = k.TraceHash(), k.Steps(), k.Now(), k.Fired()
	if c.timeline != nil {
		r.Timeline = c.timeline.finish(s, r)
	}
	return r
}

// stopBound is how long a shutdown may take at most, whatever is in its way.
func (s Scenario) stopBound() time.Duration {
	worst := time.Duration(0)
	for _, svc := range s.Services {
		worst = max(worst, 2*svc.StopTimeout) // a start in flight delays the stop signal
	}
	return worst + shutdownSlack + s.maxDelay()
}

// convergence is how long everything may take to come back when the faults have
// stopped: what hangs runs into its timeout, then the delay of a restart passes.
func (s Scenario) convergence() time.Duration {
	worst := time.Duration(0)
	for _, svc := range s.Services {
		b := svc.Backoff
		worst = max(worst, svc.StartTimeout+2*svc.StopTimeout+time.Duration(float64(b.Max)*(1+b.Jitter)))
	}
	return worst + safetyNet + 2*lifecycle.KillWait + time.Second + s.maxDelay()
}

// shutdownSlack is what a shutdown may take beside the grace of services: the
// wait for the unkillable, orphans and busy cgroups.
const shutdownSlack = 20 * time.Second

// maxDelay is how much later than due the faults may make anything.
func (s Scenario) maxDelay() time.Duration {
	late := 20*time.Millisecond + s.pauses()
	if f := s.Machine.Faults; f != nil {
		late += f.StarveBy + f.LateExitBy + f.SlowSpawnBy + f.LateJobBy
	}
	return late
}

// overdue reports whether something has taken longer than it may, the time apart that
// calls of gosv's have taken.
func (c *checker) overdue(since, now, bound time.Duration) bool {
	return now-since > bound && now-since > bound+c.k.InCalls(since)
}

func (s Scenario) options(k *fakesys.Kernel, c *checker) supervisor.Options {
	opt := supervisor.Options{Kernel: k, Observer: s.observer(c), Cgroup: s.Cgroup, Environ: s.environ(), Dir: s.Dir, Attached: s.Attached,
		Output: c.sinks}
	for _, svc := range s.Services {
		if svc.TooLong {
			svc.Args = []string{e2big}
		}
		opt.Services = append(opt.Services, svc.Service)
	}
	if s.Plant != nil {
		s.Plant(&opt)
	}
	return opt
}

// e2big is an argument that is too long for execve(2).
var e2big = strings.Repeat("x", 128<<10)

// install puts the programs on the machine and schedules what will happen.
func (s Scenario) install(k *fakesys.Kernel, c *checker) {
	for _, svc := range s.Services {
		if svc.File == fakesys.Program {
			k.AddProgram(svc.Command, svc.Script)
		} else {
			k.AddFile(svc.Command, svc.File)
		}
		if svc.Dir != noDir {
			k.AddDir(s.workingDir(&svc))
			k.AddDir(path.Join("/", svc.Dir)) // where it would begin by mistake
		}
	}
	for _, a := range s.Actions {
		k.At(a.At, a.what(), func() { c.act(a) })
	}
	if s.HealAt > 0 {
		k.At(s.HealAt, "heal", c.heal)
	}
	k.At(s.EndAt, "end", c.endWhenConverged)
	steps := s.Steps
	if steps == 0 {
		steps = 20_000
	}
	k.OnStep(func() {
		switch k.Steps() {
		case steps:
			k.At(k.Now(), "enough", c.stepsAreUsedUp)
		case hardLimit * steps:
			k.At(k.Now(), "more than enough", c.end)
		}
	})
}

// heal ends the faults.
func (c *checker) heal() {
	if !c.healed {
		c.healed, c.healedAt = true, c.k.Now()
		c.k.SetFaults(c.fails.left())
		c.timeline.healed(c.healedAt)
	}
}

// end is TERM to gosv, once.
func (c *checker) end() {
	if c.over {
		return
	}
	c.over = true
	if !c.mayMissProcesses() && c.ending < 0 {
		c.checkZombies(c.k.Now(), c.detectionBound()+c.s.maxDelay()) // gosv may have slept for long
	}
	c.skipWaiting()
	c.endLiveness()
	c.endAsked()
	c.k.SignalSelf(syscall.SIGTERM)
	if c.s.EndAgain > 0 {
		c.k.At(c.k.Now()+c.s.EndAgain, "end again", func() {
			if !c.killed() {
				c.endAsked()
				c.k.SignalSelf(syscall.SIGTERM)
			}
		})
	}
}

func (c *checker) act(a Action) {
	if c.stepsUsedUp || a.Within > 0 && !c.mayActNow(&a) {
		return
	}
	if c.lastActionAt = c.k.Now(); a.Interference == Pause || a.Interference == Freeze {
		c.lastActionAt += a.For
	}
	c.timeline.actionDone(a)
	switch {
	case a.Interference != "":
		c.do(a)
	case a.Command != nil:
		c.meet(c.byName[a.Service], a)
		c.commanded(a.Service, *a.Command)
		if err := c.sup.Post(supervisor.Command{Kind: *a.Command, Service: a.Service}); err != nil {
			c.fail(ruleNoPanic, "%v", err)
		}
	case a.Service == "":
		switch {
		case a.Signal == syscall.SIGTERM, a.Signal == syscall.SIGINT, a.Signal == syscall.SIGQUIT, a.Signal == syscall.SIGHUP && c.s.Attached:
			c.endAsked()
		}
		c.k.SignalSelf(a.Signal)
	default:
		if t := c.byName[a.Service]; t.main != 0 {
			t.interfered = true
			_ = c.k.Kill(t.main, a.Signal) // ESRCH: it went by itself
		}
	}
}

// ending is how one life of gosv came to its end.
type ending int

const (
	returned ending = iota
	broken          // an invariant was, by a panic or before
	crashed
)

// guard runs f; a panic is a violation, unless gosv was killed.
func (c *checker) guard(f func()) (how ending) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		how = broken
		switch e := p.(type) {
		case *stop:
		case *fakesys.Crashed:
			how = crashed
		case *fakesys.HorizonReached:
			c.broken(ruleShutdown, "it has not come to its end")
		case runtime.Error:
			c.broken(ruleNoPanic, fmt.Sprintf("%v\n%s", e, debug.Stack()))
		case error: // one of the fake kernel's endings
			c.broken(ruleNoPanic, strings.TrimSpace(e.Error()))
		default:
			c.broken(ruleNoPanic, fmt.Sprintf("%v\n%s", p, debug.Stack()))
		}
	}()
	f()
	return returned
}

// stop ends a run at its first violation.
type stop struct{}

// discard is a sink that takes everything.
type discard struct{ outlet }

func (discard) Room(func()) int { return 64 << 10 }
func (discard) Write([]byte)    {}
func (discard) Close()          {}
