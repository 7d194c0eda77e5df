// Package rehearse makes a scenario of package sim from a plan of gosv chaos: the
// same hits, to services of the same policies, at the same times, on the simulated
// Linux and held to its invariants. Whatever a run on a real machine did, this one
// does the same every time.
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

// Began is when the faults begin: chaos waits until every service is steady.
const FaultsBegin = 2 * time.Second

// unlimited is more than any plan takes: the run is as long as the plan is.
const unlimitedSteps = 1 << 40

// Service is a service of the simulated machine.
type Service struct {
	config.Service
	// Script is what its program does (package testproc): one that does not end by
	// itself. "" is [sim.Healthy]: nothing can be known of other programs.
	Script string
}

// Plan gives the scenario of a plan, and what has no counterpart in it: a sentence
// for each hit that is left out.
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

// Chance decides by the plan's seed what the plan does not say, such as jitter and
// how long a start takes.
func Choices(p chaos.Plan) fakesys.Choices { return fakesys.FromSeed(p.Seed) }

// simulated is a service with the policy of a configured one.
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

// rehearsal is a scenario in the making.
type builder struct {
	chaos.Plan
	allowGiveUp bool
	s           sim.Scenario
	byName      map[string]*sim.Service
	lastEnd     time.Duration // when the last action is over
	unsupported []string
}

// add adds what a hit does; a itself says what.
func (r *builder) add(h chaos.PlannedFault, a sim.Action) {
	a.At, a.Service = FaultsBegin+h.At, h.Service
	a.Within = max(r.Tick, 1) // with 0 nobody would look at the service
	if !r.allowGiveUp {
		a.Costs = chaos.Catalogue[h.Fault].Restarts
	}
	r.lastEnd = max(r.lastEnd, h.At+a.For)
	r.s.Actions = append(r.s.Actions, a)
}
