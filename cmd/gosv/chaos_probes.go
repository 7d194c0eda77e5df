package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/chaos/report"
	"github.com/gosv/gosv/config"
)

// serviceProbes reads --probe.
func (o chaosOptions) serviceProbes(services []config.Service) (map[string]live.Probe, error) {
	probes := map[string]live.Probe{}
	var errs []error
	for _, text := range o.probes {
		name, text, found := strings.Cut(text, "=")
		probe, err := live.ParseProbe(text)
		_, twice := probes[name]
		switch {
		case !found:
			err = fmt.Errorf("%q names no probe: write SERVICE=PROBE", name)
		case !slices.ContainsFunc(services, func(svc config.Service) bool { return svc.Name == name }):
			err = fmt.Errorf("there is no service %q", name)
		case twice:
			err = fmt.Errorf("%s has two probes", name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("--probe: %w", err))
		}
		probes[name] = probe
	}
	return probes, errors.Join(errs...)
}

// regressionShare reads --max-regression: 50% is 0.5. It is 0 if the flag is not given.
func (o chaosOptions) regressionShare() (float64, error) {
	if o.maxRegression == "" {
		return 0, nil
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(o.maxRegression, "%"), 64)
	switch {
	case err != nil || !(percent >= 0 && percent < 1e9):
		return 0, fmt.Errorf("--max-regression is %q: write a percentage, such as 50%%", o.maxRegression)
	case o.baseline == "":
		return 0, errors.New("--max-regression goes with --baseline")
	}
	return percent / 100, nil
}

// rules returns what the run is judged by. A plan from a file requests the kinds that it has.
func (o chaosOptions) rules(h chaos.History, baseline *report.JSON) chaos.Rules {
	r := chaos.Rules{Slack: o.slack, AllowGiveUp: o.allowGiveUp, MaxRecovery: o.maxRecovery}
	if o.plan == "" {
		r.Faults = o.faults
	}
	if share, err := o.regressionShare(); err == nil && o.maxRegression != "" {
		r.Regressions = report.Regressions(h, baseline, share)
	}
	return r
}
