package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/testproc/live"
)

// services gives what is run under chaos.
func (o chaosOptions) services() (plan, error) {
	switch {
	case o.given("config"):
		p, err := filePlan(o.config)
		if err == statusConfig {
			err = statusUsage // 78 would be one of gosv chaos's own statuses
		}
		return p, err
	case o.given("run"):
		return options{run: o.run, maxRestarts: config.DefaultMaxRestarts}.runPlan()
	case o.testprocs < 1 || o.testprocs > maxTestprocs:
		return plan{}, wrongTestprocs(o.testprocs)
	}
	return plan{file: config.File{Cgroup: config.CgroupAuto, LineMax: config.DefaultLineMax, Services: testprocs(o.testprocs)}}, nil
}

// scripts are what the bundled services do, in turn.
var scripts = []struct{ name, script string }{
	{"steady", "print ready; sleep forever"},
	{"family", "fork {sleep forever}; fork {fork {sleep forever}; sleep forever}; print ready; sleep forever"},
	{"tidy", "on TERM {print bye; exit 0}; print ready; sleep forever"},
	{"chatty", "loop {print still here; sleep 100ms}"},
	{"orphans", "daemon {sleep forever}; print ready; sleep forever"},
}

// maxPuppets is more than one machine runs.
const maxTestprocs = 10_000

func wrongTestprocs(n int) error {
	return fmt.Errorf("--testprocs is %d: at least one service is needed, and %d are the most", n, maxTestprocs)
}

// defaultPuppets has one of each.
const defaultTestprocs = 5

// testprocs are n services that are gosv itself, so that no other program is needed.
// They are restarted at once, for ever.
func testprocs(n int) (services []config.Service) {
	for i := range n {
		role := scripts[i%len(scripts)]
		path, args := live.Command(role.script)
		svc := config.NewService(fmt.Sprintf("%s-%d", role.name, i+1), path, args...)
		svc.MaxRestarts = config.Unlimited
		svc.Backoff.Initial = 0
		services = append(services, svc)
	}
	return services
}

// draw gives the plan: of the file, or from the seed.
func (o chaosOptions) draw(services []config.Service) (p chaos.Plan, expected float64, err error) {
	var names, free []string
	for _, svc := range services {
		names = append(names, svc.Name)
		if !slices.Contains(o.spared(services), svc.Name) {
			free = append(free, svc.Name)
		}
	}
	for _, name := range o.protect {
		if !slices.Contains(names, name) {
			return p, 0, fmt.Errorf("--protect: there is no service %q", name)
		}
	}
	if o.plan != "" {
		text, err := os.ReadFile(o.plan)
		if err != nil {
			return p, 0, fmt.Errorf("--plan: %w", err)
		}
		if p, err = chaos.Decode(text, names); err != nil {
			return p, 0, fmt.Errorf("--plan: %s: %w", o.plan, err)
		}
		return p, float64(len(p.Faults)), nil
	}
	r := chaos.Request{Seed: o.seed, Rates: o.rates(), Tick: o.tick, Duration: o.duration, Faults: chaos.Expand(o.faults), Services: free}
	if !o.given("seed") {
		r.Seed = uint64(rand.Uint32())
	}
	if p, err = chaos.Generate(r); err != nil {
		return p, 0, err
	}
	return p, r.Expected(), nil
}

// spared are the services that are not hit.
func (o chaosOptions) spared(services []config.Service) []string {
	names := slices.Clone(o.protect)
	for _, svc := range services {
		if svc.Spared {
			names = append(names, svc.Name)
		}
	}
	return names
}

func (o chaosOptions) rates() chaos.Rates {
	r := chaos.Rates{MTBF: o.mtbf, Count: o.count}
	if !o.given("mtbf") && !o.given("count") {
		r.Kill = o.rate
	}
	return r
}

// check finds what the flags cannot say for themselves, and nobody else does.
func (o chaosOptions) check() error {
	var errs []error
	errs = append(errs, o.outputs())
	if o.maxVictims < 0 {
		errs = append(errs, fmt.Errorf("--max-victims is %d: use 0 for any number", o.maxVictims))
	}
	for _, flag := range []struct {
		name string
		time time.Duration
	}{{"--min-gap", o.minGap}, {"--slack", o.slack}, {"--warm-up", o.warmUp}} {
		switch {
		case flag.time < 0:
			errs = append(errs, fmt.Errorf("%s is %v, less than nothing", flag.name, flag.time))
		case flag.time > chaos.MaxDuration:
			errs = append(errs, fmt.Errorf("%s is %v: it is at most %v", flag.name, flag.time, chaos.MaxDuration))
		}
	}
	if o.warmUp == 0 {
		errs = append(errs, errors.New("--warm-up is 0s: services need some time"))
	}
	return errors.Join(errs...)
}

// traceFile gives the full name of the file of --trace: the supervisor opens it.
func (o chaosOptions) traceFile() (string, error) {
	if o.trace == "" {
		return "", nil
	}
	name, err := filepath.Abs(o.trace)
	if err != nil {
		return "", fmt.Errorf("--trace: %w", err)
	}
	file, err := openTrace(name)
	if err != nil {
		return "", err
	}
	return name, file.Close()
}
