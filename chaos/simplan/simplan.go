package simplan

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sim"
)

// FaultsBegin is when the faults begin: chaos waits until every service is stable.
const FaultsBegin = 2 * time.Second

// unlimitedSteps is more than any plan takes: the plan limits the length of the run.
const unlimitedSteps = 1 << 40

// Service is a service of the simulated machine.
type Service struct {
	config.Service
	// Script is what its program does (package testproc). It must not end by itself.
	// Empty means [sim.Healthy]: other programs cannot be simulated.
	Script string
}

// Scenario returns the scenario of a plan, and a sentence for each fault that the simulator
// does not support.
func Scenario(p chaos.Plan, cgroup config.CgroupMode, services []Service, allowGiveUp bool) (s sim.Scenario, left []string) {
	r := builder{Plan: p, allowGiveUp: allowGiveUp, byName: map[string]*sim.Service{}}
	for _, svc := range services {
		r.s.Services = append(r.s.Services, simulated(svc))
	}
	for i := range r.s.Services {
		r.byName[r.s.Services[i].Name] = &r.s.Services[i]
	}
	r.s.Cgroup, r.s.Steps = cgroup, unlimitedSteps
	r.s.Machine = fakesys.Options{
		Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"cpu", "memory", "pids"}},
		PidMax:  300 + 20*len(services),
	}
	for _, h := range p.Faults {
		do := translators[h.Fault]
		if do == nil {
			r.unsupported = append(r.unsupported, fmt.Sprintf("%s: %s", h.Fault, unsupportedReasons[h.Fault]))
			continue
		}
		do(&r, h)
	}
	slices.SortStableFunc(r.s.Actions, func(a, b sim.Action) int { return int(a.At - b.At) })
	r.s.EndAfter(FaultsBegin + max(p.Duration, r.lastEnd))
	return r.s, r.unsupported
}

// Choices decides, from the plan's seed, what the plan leaves open, such as jitter and the
// time that a start takes.
func Choices(p chaos.Plan) fakesys.Choices { return fakesys.FromSeed(p.Seed) }

// simulated returns a service with the policy of a configured one.
func simulated(svc Service) sim.Service {
	s := sim.NewService(svc.Name, svc.Script)
	path := s.Command
	s.Service = svc.Service
	s.Command, s.Args, s.Dir, s.Env = path, nil, "", nil
	s.Lasting = true
	if s.Script == "" {
		s.Script = sim.Healthy
	}
	return s
}

// builder builds a scenario.
type builder struct {
	chaos.Plan
	allowGiveUp bool
	s           sim.Scenario
	byName      map[string]*sim.Service
	lastEnd     time.Duration // when the last action ends
	unsupported []string
}

// add adds the action of a fault.
func (r *builder) add(h chaos.PlannedFault, a sim.Action) {
	a.At, a.Service = FaultsBegin+h.At, h.Service
	a.Within = max(r.Tick, 1) // 0 would not wait for the service at all
	if !r.allowGiveUp {
		a.Costs = chaos.Catalogue[h.Fault].Restarts
	}
	r.lastEnd = max(r.lastEnd, h.At+a.For)
	r.s.Actions = append(r.s.Actions, a)
}
