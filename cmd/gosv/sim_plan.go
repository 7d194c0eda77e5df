package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/simplan"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sim"
)

// planOptions are the flags of gosv sim --plan.
type planOptions struct {
	file, config string
	services     int
	allowGiveUp  bool
	given        func(flag string) bool
}

func (o planOptions) validate() error {
	for _, flag := range []string{"config", "services", "allow-give-up"} {
		if o.file == "" && o.given(flag) {
			return fmt.Errorf("--%s goes with --plan", flag)
		}
	}
	if o.services < 1 || o.services > maxServices {
		return wrongServices(o.services)
	}
	return nil
}

// load returns the services of gosv chaos. The programs of a file cannot be simulated: they
// run until a signal ends them.
func (o planOptions) load() (mode config.CgroupMode, services []simplan.Service, err error) {
	if !o.given("config") {
		for i, svc := range builtInServices(o.services) {
			services = append(services, simplan.Service{Service: svc, Script: builtIns[i%len(builtIns)].script})
		}
		return config.CgroupAuto, services, nil
	}
	file, _, _, err := loadFile(o.config)
	if err == statusConfig {
		err = statusUsage
	}
	for _, svc := range file.Services {
		services = append(services, simplan.Service{Service: svc})
	}
	return file.Cgroup, services, err
}

// scenario makes a simulated scenario of the plan. left says what it leaves out.
func (o planOptions) scenario() (s sim.Scenario, p chaos.Plan, left []string, err error) {
	mode, services, err := o.load()
	if err != nil {
		return s, p, nil, err
	}
	var names []string
	for _, svc := range services {
		names = append(names, svc.Name)
	}
	text, err := readUpTo(o.file, maxPlan)
	if err != nil {
		return s, p, nil, fmt.Errorf("--plan: %w", err)
	}
	if p, err = chaos.Decode(text, names); err != nil {
		return s, p, nil, fmt.Errorf("--plan: %s: %w", o.file, err)
	}
	s, left = simplan.Scenario(p, mode, services, o.allowGiveUp)
	s.Plant = planted
	return s, p, left, nil
}

// sayLeft prints what was left out and why, each line once with its count.
func (p *printer) sayLeft(left []string) {
	times := map[string]int{}
	for _, line := range left {
		times[line]++
	}
	for _, line := range left {
		if n := times[line]; n > 0 {
			p.printf("  left out %d: %s\n", n, line)
		}
		delete(times, line)
	}
}

// maxPlan bounds the size of a plan, in bytes.
const maxPlan = 64 << 20

// playPlan runs a plan of gosv chaos.
func (o simOptions) playPlan() error {
	s, p, left, err := o.plan.scenario()
	if err != nil {
		return err
	}
	rec, _ := sim.RecordScenario(s, simplan.Choices(p))
	r := rec.RunTraced()
	err = o.show(rec.Scenario, r)
	o.out.printf("%d of %d faults were injected\n", r.Done, len(p.Faults))
	o.out.sayLeft(append(left, r.Spared...))
	switch {
	case err == nil && r.Done == 0:
		return fmt.Errorf("--plan %s: none of its faults could be injected", o.plan.file)
	case !errors.Is(err, statusFailed):
		return err
	}
	kept, failure := keep(rec, "plan", "gosv "+strings.Join(os.Args[1:], " "))
	if failure != nil {
		return failure
	}
	o.out.printf("%s\n", kept)
	return err
}
