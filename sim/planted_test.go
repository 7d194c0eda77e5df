package sim_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// Each of these stands between gosv and the machine and is wrong in one thing, as
// a bug of gosv's would be. They prove the checker in every go test; whether the
// search finds bugs of gosv itself is for the directory bugs, which has to compile each.
type (
	saysEmpty      struct{ sys.Kernel } // cgroup.events: populated 0
	opensInit      struct{ sys.Kernel } // a pidfd of another process
	seesNoOrphan   struct{ sys.Kernel }
	fastClock      struct{ sys.Kernel } // 5 ms ahead
	bornEarly      struct{ sys.Kernel } // a second
	blamesProgram  struct{ sys.Kernel } // for what the machine refused
	losesSignals   struct{ sys.Kernel }
	takesForExit0  struct{ sys.Kernel }
	wrongNumber    struct{ sys.Kernel }
	forgetsCgroup  struct{ sys.Kernel }
	neverCloses    struct{ sys.Kernel }
	stale          struct{ sys.Kernel } // an exit of a handle that was closed
	neverSleeps    struct{ sys.Kernel }
	losesAResult   struct{ *oneLost }
	sleepsTooLong  struct{ sys.Kernel }
	leavesDirs     struct{ sys.Kernel }
	swallowsChange struct{ supervisor.Observer }
	tellsNonsense  struct{ supervisor.Observer }
)

type oneLost struct {
	sys.Kernel
	lost bool
}

func (k saysEmpty) ReadFile(name string) ([]byte, error) {
	if strings.HasSuffix(name, "/cgroup.events") {
		return []byte("populated 0\nfrozen 0\n"), nil
	}
	return k.Kernel.ReadFile(name)
}

func (k opensInit) OpenPid(int) (sys.Handle, error) { return k.Kernel.OpenPid(1) }

func (k seesNoOrphan) PeekOrphan() (int, sys.Status, bool, error) { return 0, sys.Status{}, false, nil }
func (k seesNoOrphan) PeekAny() (int, sys.Status, error)          { return 0, sys.Status{}, nil }

const ahead = 5 * time.Millisecond

func (k fastClock) Now() time.Duration { return k.Kernel.Now() + ahead }

func (k fastClock) Wait(until time.Duration) sys.Reason {
	return k.Kernel.Wait(max(ahead, until) - ahead)
}

func (k bornEarly) Spawned() []sys.SpawnResult {
	results := k.Kernel.Spawned()
	for i := range results {
		results[i].Child.Born -= time.Second
	}
	return results
}

func (k blamesProgram) Spawned() []sys.SpawnResult {
	results := k.Kernel.Spawned()
	for i := range results {
		if results[i].Err != nil {
			results[i].Err = &sys.SpawnError{Step: sys.StepExec, Err: syscall.ENOENT}
		}
	}
	return results
}

func (k losesSignals) Signals() []syscall.Signal { k.Kernel.Signals(); return nil }

func (k takesForExit0) Peek(h sys.Handle) (sys.Status, bool, error) {
	_, ended, err := k.Kernel.Peek(h)
	return sys.Status{}, ended, err
}

func (k takesForExit0) Reap(h sys.Handle) (sys.Status, bool, error) {
	_, ended, err := k.Kernel.Reap(h)
	return sys.Status{}, ended, err
}

func (k wrongNumber) Spawned() []sys.SpawnResult {
	results := k.Kernel.Spawned()
	for i := range results {
		results[i].Child.Pid++
	}
	return results
}

func (k forgetsCgroup) Spawn(r sys.SpawnRequest) { r.Cgroup = ""; k.Kernel.Spawn(r) }

func (k neverCloses) Close(sys.Handle) {}

func (k stale) Exited() []sys.Handle { return append(k.Kernel.Exited(), 77) }

func (k neverSleeps) Wait(time.Duration) sys.Reason { return k.Kernel.Wait(0) }

func (k losesAResult) Spawned() []sys.SpawnResult {
	results := k.Kernel.Spawned()
	if len(results) == 0 || k.lost {
		return results
	}
	k.lost = true
	return results[1:]
}

func (k sleepsTooLong) Wait(until time.Duration) sys.Reason {
	if until != sys.Never {
		until += 50 * time.Second
	}
	return k.Kernel.Wait(until)
}

func (k leavesDirs) Rmdir(string) error { return nil }

func (o swallowsChange) Changed(c supervisor.Change) {
	if c.State.Phase != lifecycle.Running {
		o.Observer.Changed(c)
	}
}

func (o tellsNonsense) Changed(c supervisor.Change) {
	if c.State.Phase == lifecycle.Running {
		c.State.Phase = lifecycle.Stopped
	}
	o.Observer.Changed(c)
}

// between plants a kernel that is wrong.
func between[K sys.Kernel](wrap func(sys.Kernel) K) func(*supervisor.Options) {
	return func(o *supervisor.Options) { o.Kernel = wrap(o.Kernel) }
}

// misread plants a configuration that is not the one in the file.
func misread(change func(*config.Service)) func(*supervisor.Options) {
	return func(o *supervisor.Options) {
		for i := range o.Services {
			change(&o.Services[i])
		}
	}
}

// plantedBug is a bug, the invariant that names it, and a machine and a program
// that bring it out.
type plantedBug struct {
	rule    string
	plant   func(*supervisor.Options)
	machine fakesys.Options
	script  string
}

func plantedBugs() map[string]plantedBug {
	grouped := fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}}
	refusing := fakesys.Options{Faults: &fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpSpawn, Rate: 1, Errnos: []syscall.Errno{syscall.EAGAIN}}}}}
	limited := fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"pids"}}}
	const deaf = "ignore TERM; sleep forever"
	return map[string]plantedBug{
		"believes a cgroup to be empty that is not": {"1", between(func(k sys.Kernel) saysEmpty { return saysEmpty{k} }), grouped, "fork {block 20s}; exit 1"},
		"takes another process for its own":         {"2", between(func(k sys.Kernel) opensInit { return opensInit{k} }), fakesys.Options{}, "fork {setsid; sleep forever}; sleep 1s; exit 1"},
		"does not reap orphans":                     {"3", between(func(k sys.Kernel) seesNoOrphan { return seesNoOrphan{k} }), fakesys.Options{}, "daemon {exit 0}; sleep forever"},
		"starts again too early":                    {"4", between(func(k sys.Kernel) fastClock { return fastClock{k} }), fakesys.Options{}, "sleep 1s; exit 1"},
		"waits by another schedule":                 {"4", misread(func(s *config.Service) { s.Backoff.Factor = 3 }), fakesys.Options{}, "exit 1"},
		"has another cap":                           {"4", misread(func(s *config.Service) { s.Backoff.Max = 10 * time.Second }), fakesys.Options{}, "exit 1"},
		"measures a run from the request":           {"5", between(func(k sys.Kernel) bornEarly { return bornEarly{k} }), fakesys.Options{}, "sleep 59.5s; exit 1"},
		"forgives a run that was not stable":        {"5", misread(func(s *config.Service) { s.Backoff.ResetAfter -= time.Nanosecond }), fakesys.Options{}, "sleep 59.999999999s; exit 1"},
		"counts what the machine refused":           {"5", between(func(k sys.Kernel) blamesProgram { return blamesProgram{k} }), refusing, Healthy},
		"starts once too often":                     {"6", misread(func(s *config.Service) { s.MaxRestarts++ }), fakesys.Options{}, "exit 1"},
		"gives up too early":                        {"6", misread(func(s *config.Service) { s.MaxRestarts-- }), fakesys.Options{}, "exit 1"},
		"tells of a state that cannot follow":       {"7", func(o *supervisor.Options) { o.Observer = tellsNonsense{o.Observer} }, fakesys.Options{}, Healthy},
		"goes on after TERM":                        {"8", between(func(k sys.Kernel) losesSignals { return losesSignals{k} }), fakesys.Options{}, "sleep 61s; exit 1"},
		"kills before the grace is over":            {"9", misread(func(s *config.Service) { s.StopTimeout /= 2 }), fakesys.Options{}, deaf},
		"kills at once":                             {"9", misread(func(s *config.Service) { s.StopTimeout = 0 }), grouped, Healthy},
		"tells another status":                      {"11", between(func(k sys.Kernel) takesForExit0 { return takesForExit0{k} }), fakesys.Options{}, "exit 3"},
		"takes another number for the child's":      {"12", between(func(k sys.Kernel) wrongNumber { return wrongNumber{k} }), fakesys.Options{}, Healthy},
		"starts outside the cgroup":                 {"13", between(func(k sys.Kernel) forgetsCgroup { return forgetsCgroup{k} }), grouped, Healthy},
		"keeps its handles":                         {"16", between(func(k sys.Kernel) neverCloses { return neverCloses{k} }), fakesys.Options{}, Healthy},
		"does not tell of a change":                 {"19", func(o *supervisor.Options) { o.Observer = swallowsChange{o.Observer} }, fakesys.Options{}, "exit 1"},
		"acts on a stale exit":                      {"20", between(func(k sys.Kernel) stale { return stale{k} }), fakesys.Options{}, Healthy},
		"spins":                                     {"18", between(func(k sys.Kernel) neverSleeps { return neverSleeps{k} }), fakesys.Options{Patience: 10_000}, Healthy},
		"loses a start":                             {"21", between(func(k sys.Kernel) losesAResult { return losesAResult{&oneLost{Kernel: k}} }), fakesys.Options{}, Healthy},
		"oversleeps a restart":                      {"4", between(func(k sys.Kernel) sleepsTooLong { return sleepsTooLong{k} }), fakesys.Options{}, "exit 1"},
		"oversleeps":                                {"22", between(func(k sys.Kernel) sleepsTooLong { return sleepsTooLong{k} }), fakesys.Options{}, deaf},
		"does not hear TERM":                        {"23", between(func(k sys.Kernel) losesSignals { return losesSignals{k} }), fakesys.Options{}, Healthy},
		"has ten times the patience":                {"22", misread(func(s *config.Service) { s.StopTimeout *= 10 }), fakesys.Options{}, deaf},
		"forgets its orphans":                       {"24", between(func(k sys.Kernel) seesNoOrphan { return seesNoOrphan{k} }), fakesys.Options{}, "daemon {setsid; sleep forever}; sleep forever"},
		"gives other arguments":                     {"30", misread(func(s *config.Service) { s.Args = []string{"--debug"} }), fakesys.Options{}, Healthy},
		"sets another limit":                        {"30", misread(func(s *config.Service) { s.Limits.PidsMax = 8 }), limited, Healthy},
		"leaves its directories":                    {"24", between(func(k sys.Kernel) leavesDirs { return leavesDirs{k} }), grouped, Healthy},
	}
}

// TestEachRuleCatchesItsBug plants bugs, each of which the checker must name, and
// does not find anything where nothing is planted.
func TestEachRuleCatchesItsBug(t *testing.T) {
	for name, one := range plantedBugs() {
		t.Run(name, func(t *testing.T) {
			s := Scenario{Machine: one.machine, Services: []Service{NewService("web", one.script)}, EndAt: 10 * time.Minute}
			if one.machine.Faults != nil {
				s.HealAt = time.Minute
			}
			sound := s.RunTraced(fakesys.Zero{})
			require.Empty(t, sound.Violations, "nothing is planted yet")
			s.Plant = one.plant
			r := s.RunTraced(fakesys.Zero{})
			require.NotEmpty(t, r.Violations, "%s", story(s, r, 30))
			assert.Contains(t, r.Violations[0], "invariant "+one.rule+" ", "%s", story(s, r, 30))
		})
	}
}
