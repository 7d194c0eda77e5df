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

// services returns the services of the run.
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
	case o.count < 1 || o.count > maxServices:
		return plan{}, wrongServices(o.count)
	}
	return plan{file: config.File{Cgroup: config.CgroupAuto, LineMax: config.DefaultLineMax, Services: builtInServices(o.count)}}, nil
}

// builtIn is a kind of built-in service.
type builtIn struct {
	name, script string
	policy       func(*config.Service) // may be nil
}

// builtIns are the kinds of built-in services, in turn.
var builtIns = []builtIn{
	{"steady", "print ready; sleep forever", nil},
	{"family", "fork {sleep forever}; fork {fork {sleep forever}; sleep forever}; print ready; sleep forever", nil},
	{"tidy", "on TERM {print bye; exit 0}; print ready; sleep forever", nil},
	{"chatty", "loop {print still here; sleep 100ms}", nil},
	{"orphans", "daemon {sleep forever}; print ready; sleep forever", nil},
	// The last two show whether a stop waits for its timeout, and whether the delay of a
	// restart grows and is reset.
	{"stubborn", "ignore TERM; print ready; sleep forever", func(svc *config.Service) { svc.StopTimeout = 2 * time.Second }},
	{"backoff", "print ready; sleep forever", func(svc *config.Service) {
		svc.Backoff = config.Backoff{Initial: 200 * time.Millisecond, Factor: 2, Max: 2 * time.Second, ResetAfter: 3 * time.Second}
	}},
}

// maxServices is more than one machine can run.
const maxServices = 10_000

func wrongServices(n int) error {
	return fmt.Errorf("--services is %d: use at least 1 and at most %d", n, maxServices)
}

// defaultServices is one of each kind.
const defaultServices = 7

// builtInServices returns n services that gosv itself implements. They are restarted without
// a limit, and most of them without a delay.
func builtInServices(n int) (services []config.Service) {
	for i := range n {
		kind := builtIns[i%len(builtIns)]
		path, args := live.Command(kind.script)
		svc := config.NewService(fmt.Sprintf("%s-%d", kind.name, i+1), path, args...)
		svc.MaxRestarts = config.Unlimited
		svc.Backoff.Initial = 0
		if kind.policy != nil {
			kind.policy(&svc)
		}
		services = append(services, svc)
	}
	return services
}

// draw returns the plan: from a file, or from the seed.
func (o chaosOptions) draw(services []config.Service) (p chaos.Plan, expected float64, err error) {
	var names, free []string
	for _, svc := range services {
		names = append(names, svc.Name)
		if !slices.Contains(o.protected(services), svc.Name) {
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

// protected returns the services that get no faults.
func (o chaosOptions) protected(services []config.Service) []string {
	names := slices.Clone(o.protect)
	for _, svc := range services {
		if svc.Spared {
			names = append(names, svc.Name)
		}
	}
	return names
}

func (o chaosOptions) rates() chaos.Rates {
	r := chaos.Rates{MTBF: o.mtbf, Count: o.faultCount}
	if !o.given("mtbf") && !o.given("count") {
		r.Kill = o.rate
	}
	return r
}

// check returns what is wrong with the flags.
func (o chaosOptions) check() error {
	var errs []error
	errs = append(errs, o.outputs())
	if o.maxVictims < 0 {
		errs = append(errs, fmt.Errorf("--max-victims is %d: use 0 for any number", o.maxVictims))
	}
	for _, flag := range []struct {
		name string
		time time.Duration
	}{{"--min-gap", o.minGap}, {"--slack", o.slack}, {"--warm-up", o.warmUp}, {"--max-recovery", o.maxRecovery}} {
		switch {
		case flag.time < 0:
			errs = append(errs, fmt.Errorf("%s is %v: it must not be negative", flag.name, flag.time))
		case flag.time > chaos.MaxDuration:
			errs = append(errs, fmt.Errorf("%s is %v: the maximum is %v", flag.name, flag.time, chaos.MaxDuration))
		}
	}
	if _, err := o.regressionShare(); err != nil {
		errs = append(errs, err)
	}
	if o.warmUp == 0 {
		errs = append(errs, errors.New("--warm-up is 0s: services need time to become stable"))
	}
	return errors.Join(errs...)
}

// traceFile returns the absolute path of the file of --trace. The supervisor opens it.
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
