package sim

import (
	"fmt"
	"sync"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Named is a scenario of the library.
type Named struct {
	Name  string // what a plan calls it
	About string // a sentence that begins with "a" or "the", or what gosv does
	Scenario
}

// Library is the scenarios that sweeps go through, always in the same order. Each
// is small and says one thing; together they go through every part of gosv.
// Without chance none of them breaks an invariant.
func Library() []Named {
	var all []Named
	for _, some := range [][]Named{stops(), orders(), attachments(), refusals(), restarts(), groups(), restartedGosvs(), neighbours()} {
		all = append(all, some...)
	}
	for i := range all {
		s := &all[i].Scenario
		if s.EndAt == 0 {
			s.EndAt = 3 * time.Minute
		}
		if s.Machine.Faults != nil && s.HealAt == 0 {
			s.HealAt = s.EndAt
		}
	}
	return all
}

// Find returns the scenario of the library that has a name.
func Find(name string) (Scenario, error) {
	if s, ok := byName()[name]; ok {
		return s, nil
	}
	return Scenario{}, fmt.Errorf("the library has no scenario %q; sim/library*.go has the names", name)
}

// byName is made once: a sweep asks for every run. Runs change nothing of it.
var byName = sync.OnceValue(func() map[string]Scenario {
	all := map[string]Scenario{}
	for _, n := range Library() {
		all[n.Name] = n.Scenario
	}
	return all
})

// change is one thing that makes a service of the library differ from the plain
// one, which has a grace of 3 s.
type change func(*Service)

func service(name, script string, changes ...change) Service {
	s := NewService(name, script)
	s.StopTimeout = 3 * time.Second
	for _, f := range changes {
		f(&s)
	}
	return s
}

func web(script string, changes ...change) []Service {
	return []Service{service("web", script, changes...)}
}

func file(kind fakesys.FileKind) change { return func(s *Service) { s.File = kind } }

func limits(l config.Limits) change { return func(s *Service) { s.Limits = l } }

func restarted(policy config.Restart, most int) change {
	return func(s *Service) { s.Restart, s.MaxRestarts = policy, most }
}

func term(at time.Duration) Action { return Action{At: at, Signal: syscall.SIGTERM} }

func operator(at time.Duration, kind lifecycle.Kind, service string) Action {
	return Action{At: at, Command: &kind, Service: service}
}

// grouped is a machine on which gosv is root and has everything.
func grouped() fakesys.Options {
	return inGroups(fakesys.Cgroups{Delegated: "/", Controllers: controllers()})
}

// bare is one without controllers.
func bare() fakesys.Options { return inGroups(fakesys.Cgroups{Delegated: "/"}) }

func inGroups(g fakesys.Cgroups) fakesys.Options { return fakesys.Options{Cgroups: &g} }

func controllers() []string { return []string{"cpu", "memory", "pids"} }

// slow is a machine on which every step of a start takes so much longer.
func slow(m fakesys.Options, by time.Duration) fakesys.Options {
	m.Faults = &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: by}
	return m
}

// inTime has every call of gosv take a microsecond, so that something can happen between
// two of them.
func inTime(m fakesys.Options) fakesys.Options {
	m.Faults.SlowCall = 1
	return m
}
