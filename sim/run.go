package sim

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
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
}

// Failed tells whether an invariant was broken.
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
	opt.Horizon = s.EndAt + (s.patience()+time.Minute)*time.Duration(1+len(s.Crashes))
	var fails *failer
	if len(s.Fails) > 0 || rec != nil {
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
	c.keep = trace != nil
	if fails != nil {
		fails.failed = func() { c.disturbed = k.Now() }
	}
	s.install(k, c, fails)
	s.crash(c)
	for {
		c.sup = supervisor.New(s.options(c.k, c))
		how := c.guard(func() { r.Result = c.sup.Run() })
		if how == broken {
			break
		}
		if how == returned && !c.killed() {
			c.atEnd()
			break
		}
		c.liveAgain()
	}
	r.Hash, r.Steps, r.Time = k.TraceHash(), k.Steps(), k.Now()
	return r
}

// patience is how long a shutdown may take at most, whatever is in its way.
func (s Scenario) patience() time.Duration {
	worst := time.Duration(0)
	for _, svc := range s.Services {
		worst = max(worst, 2*svc.StopTimeout) // a start in flight delays the stop signal
	}
	return worst + shutdownSlack + s.lateness()
}

// convergence is how long everything may take to come back when the faults have
// stopped: what hangs runs into its timeout, then the delay of a restart passes.
func (s Scenario) convergence() time.Duration {
	worst := time.Duration(0)
	for _, svc := range s.Services {
		b := svc.Backoff
		worst = max(worst, svc.StartTimeout+time.Duration(float64(b.Max)*(1+b.Jitter)))
	}
	return worst + lifecycle.KillWait + time.Second + s.lateness()
}

// shutdownSlack is what a shutdown may take beside the grace of services: the
// wait for the unkillable, orphans and busy cgroups.
const shutdownSlack = 20 * time.Second

// lateness is how much later than due the faults may make anything.
func (s Scenario) lateness() time.Duration {
	late := 20 * time.Millisecond
	if f := s.Machine.Faults; f != nil {
		late += f.StarveBy + f.LateExitBy + f.SlowSpawnBy
	}
	return late
}

func (s Scenario) options(k *fakesys.Kernel, c *checker) supervisor.Options {
	opt := supervisor.Options{Kernel: k, Observer: s.observer(c), Cgroup: s.Cgroup, Environ: []string{"PATH=/usr/bin:/bin"}, Attached: s.Attached,
		Output: func(string) (sys.Sink, sys.Sink) { return discard{}, discard{} }}
	for _, svc := range s.Services {
		opt.Services = append(opt.Services, svc.Service)
	}
	if s.Plant != nil {
		s.Plant(&opt)
	}
	return opt
}

// install puts the programs on the machine and schedules what will happen.
func (s Scenario) install(k *fakesys.Kernel, c *checker, fails *failer) {
	for _, svc := range s.Services {
		if svc.File == fakesys.Program {
			k.AddProgram(svc.Command, svc.Script)
		} else {
			k.AddFile(svc.Command, svc.File)
		}
	}
	for _, a := range s.Actions {
		k.At(a.At, a.what(), func() { c.act(a) })
	}
	if s.HealAt > 0 {
		k.At(s.HealAt, "heal", func() { k.SetFaults(fails.left()); c.healed = true })
	}
	k.At(s.EndAt, "end", func() {
		if c.ending < 0 && k.Now() >= max(s.HealAt, c.disturbed)+s.convergence() {
			c.mustRun()
		}
		c.endNow()
	})
	k.OnStep(func() {
		if k.Steps() == enough {
			k.At(k.Now(), "enough", c.endNow)
		}
	})
}

// enough is how many steps a run takes before gosv is told to end: a program that
// is started again without delay makes no better a test by the hour.
const enough = 20_000

func (c *checker) endNow() {
	c.endAsked()
	c.k.SignalSelf(syscall.SIGTERM)
}

func (c *checker) act(a Action) {
	switch {
	case a.Command != nil:
		c.commanded(a.Service, *a.Command)
		if err := c.sup.Post(supervisor.Command{Kind: *a.Command, Service: a.Service}); err != nil {
			c.fail("a command is taken", "%v", err)
		}
	case a.Service == "":
		switch {
		case a.Signal == syscall.SIGTERM, a.Signal == syscall.SIGINT, a.Signal == syscall.SIGQUIT, a.Signal == syscall.SIGHUP && c.s.Attached:
			c.endAsked()
		}
		c.k.SignalSelf(a.Signal)
	default:
		if t := c.byName[a.Service]; t.main != 0 {
			t.hit = true
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
			c.broken("23 a shutdown is bounded", "it has not come to its end")
		case runtime.Error:
			c.broken("20 no panic, no blocked step", fmt.Sprintf("%v\n%s", e, debug.Stack()))
		case error: // one of the fake kernel's endings
			c.broken("20 no panic, no blocked step", strings.TrimSpace(e.Error()))
		default:
			c.broken("20 no panic, no blocked step", fmt.Sprintf("%v\n%s", p, debug.Stack()))
		}
	}()
	f()
	return returned
}

// stop ends a run at its first violation.
type stop struct{}

// discard is a sink that takes everything.
type discard struct{}

func (discard) Room(func()) int { return 64 << 10 }
func (discard) Write([]byte)    {}
func (discard) Close()          {}
