package sim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos/faultysup"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

// The faults are those of package faultysup. They prove the checker in every go test;
// whether the search finds bugs of gosv itself is for the directory bugs, which has to
// compile each.

// between plants a kernel that is wrong.
func between(wrap func(sys.Kernel) sys.Kernel) func(*supervisor.Options) {
	return func(o *supervisor.Options) { o.Kernel = faultysup.InJobs(wrap(o.Kernel)) }
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
		"believes a cgroup to be empty that is not": {"1", between(faultysup.ReportEmptyCgroups), grouped, "fork {block 20s}; exit 1"},
		"takes another process for its own":         {"2", between(faultysup.OpenInit), fakesys.Options{}, "fork {setsid; sleep forever}; sleep 1s; exit 1"},
		"does not reap orphans":                     {"3", between(faultysup.IgnoreOrphans), fakesys.Options{}, "daemon {exit 0}; sleep forever"},
		"starts again too early":                    {"4", between(faultysup.AdvanceClock), fakesys.Options{}, "sleep 1s; exit 1"},
		"waits by another schedule":                 {"4", misread(func(s *config.Service) { s.Backoff.Factor = 3 }), fakesys.Options{}, "exit 1"},
		"has another cap":                           {"4", misread(func(s *config.Service) { s.Backoff.Max = 10 * time.Second }), fakesys.Options{}, "exit 1"},
		"measures a run from the request":           {"5", between(faultysup.BackdateSpawns), fakesys.Options{}, "sleep 59.5s; exit 1"},
		"forgives a run that was not stable":        {"5", misread(func(s *config.Service) { s.Backoff.ResetAfter -= time.Nanosecond }), fakesys.Options{}, "sleep 59.999999999s; exit 1"},
		"counts what the machine refused":           {"5", between(faultysup.BlameProgram), refusing, Healthy},
		"starts once too often":                     {"6", misread(func(s *config.Service) { s.MaxRestarts++ }), fakesys.Options{}, "exit 1"},
		"gives up too early":                        {"6", misread(func(s *config.Service) { s.MaxRestarts-- }), fakesys.Options{}, "exit 1"},
		"tells of a state that cannot follow":       {"7", func(o *supervisor.Options) { o.Observer = faultysup.ReportStopped(o.Observer) }, fakesys.Options{}, Healthy},
		"goes on after TERM":                        {"8", between(faultysup.DropSignals), fakesys.Options{}, "sleep 61s; exit 1"},
		"kills before the grace is over":            {"9", misread(func(s *config.Service) { s.StopTimeout /= 2 }), fakesys.Options{}, deaf},
		"kills at once":                             {"9", misread(func(s *config.Service) { s.StopTimeout = 0 }), grouped, Healthy},
		"tells another status":                      {"11", between(faultysup.LoseExitStatus), fakesys.Options{}, "exit 3"},
		"takes another number for the child's":      {"12", between(faultysup.ReportWrongPID), fakesys.Options{}, Healthy},
		"starts outside the cgroup":                 {"13", between(faultysup.IgnoreCgroup), grouped, Healthy},
		"keeps its handles":                         {"16", between(faultysup.LeakHandles), fakesys.Options{}, Healthy},
		"does not tell of a change":                 {"19", func(o *supervisor.Options) { o.Observer = faultysup.DropChanges(o.Observer) }, fakesys.Options{}, "exit 1"},
		"acts on a stale exit":                      {"20", between(faultysup.RepeatStaleExit), fakesys.Options{}, Healthy},
		"spins":                                     {"18", between(faultysup.BusyWait), fakesys.Options{Patience: 10_000}, Healthy},
		"loses a start":                             {"21", between(faultysup.LoseFirstSpawn), fakesys.Options{}, Healthy},
		"oversleeps a restart":                      {"4", between(faultysup.Oversleep), fakesys.Options{}, "exit 1"},
		"oversleeps":                                {"22", between(faultysup.Oversleep), fakesys.Options{}, deaf},
		"does not hear TERM":                        {"23", between(faultysup.DropSignals), fakesys.Options{}, Healthy},
		"has ten times the patience":                {"22", misread(func(s *config.Service) { s.StopTimeout *= 10 }), fakesys.Options{}, deaf},
		"forgets its orphans":                       {"24", between(faultysup.IgnoreOrphans), fakesys.Options{}, "daemon {setsid; sleep forever}; sleep forever"},
		"gives other arguments":                     {"30", misread(func(s *config.Service) { s.Args = []string{"--debug"} }), fakesys.Options{}, Healthy},
		"sets another limit":                        {"30", misread(func(s *config.Service) { s.Limits.PidsMax = 8 }), limited, Healthy},
		"leaves its directories":                    {"24", between(faultysup.KeepCgroups), grouped, Healthy},
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
