package chaos

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

// planText is a plan as a file. Durations are written as Go writes them.
type planText struct {
	Version  int         `json:"version"`
	Seed     uint64      `json:"seed"`
	Tick     string      `json:"tick"`
	Duration string      `json:"duration"`
	Faults   []faultText `json:"faults"`
}

type faultText struct {
	At      string `json:"at"`
	Service string `json:"service,omitempty"`
	Fault   string `json:"fault"`
	Arg     string `json:"arg,omitempty"`
}

// Encode writes the plan as a file, with a line for each fault.
func (p Plan) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"version\": %d, \"seed\": %d, \"tick\": %q, \"duration\": %q, \"faults\": [", p.Version, p.Seed, p.Tick, p.Duration)
	for i, h := range p.Faults {
		if i > 0 {
			b.WriteByte(',')
		}
		line, err := json.Marshal(faultText{At: h.At.String(), Service: h.Service, Fault: h.Fault, Arg: h.Arg})
		if err != nil {
			panic(err) // strings always become JSON
		}
		fmt.Fprintf(&b, "\n  %s", line)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// Decode reads a plan for some services. The error lists everything that is wrong with
// the plan.
func Decode(text []byte, services []string) (Plan, error) {
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &version); err == nil && version.Version != PlanVersion {
		return Plan{}, fmt.Errorf("the plan has version %d, and this gosv reads version %d: make it again with --plan-out", version.Version, PlanVersion)
	}
	var t planText
	if err := json.Unmarshal(text, &t, json.RejectUnknownMembers(true)); err != nil {
		return Plan{}, fmt.Errorf("not a plan: %w", err)
	}
	if len(t.Faults) > maxFaults {
		return Plan{}, fmt.Errorf("the plan has %d faults; the maximum is %d", len(t.Faults), maxFaults)
	}
	r := planReader{services: services}
	p := Plan{Version: t.Version, Seed: t.Seed, Tick: r.positiveDuration("tick", t.Tick), Duration: r.positiveDuration("duration", t.Duration)}
	if 0 < p.Duration && p.Duration < p.Tick {
		r.errorf("the duration (%v) is shorter than a tick (%v)", p.Duration, p.Tick)
	}
	for i, h := range t.Faults {
		p.Faults = append(p.Faults, r.fault(fmt.Sprintf("fault %d", i+1), h, p.Duration))
	}
	slices.SortStableFunc(p.Faults, func(a, b PlannedFault) int { return cmp.Compare(a.At, b.At) })
	return p, errors.Join(r.errs...)
}

// planReader collects what is wrong with a plan.
type planReader struct {
	services []string
	errs     []error
}

func (r *planReader) errorf(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// duration reads a duration that is not negative.
func (r *planReader) duration(name, text string) (d time.Duration, ok bool) {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("%v is negative", d)
	}
	if err != nil {
		r.errorf("%s: %w", name, err)
	}
	return d, err == nil
}

// positiveDuration reads a duration of more than 0, up to MaxDuration.
func (r *planReader) positiveDuration(name, text string) time.Duration {
	d, ok := r.duration(name, text)
	switch {
	case ok && d == 0:
		r.errorf("%s: it must be more than 0", name)
	case ok && d > MaxDuration:
		r.errorf("%s: %v is more than the maximum of %v", name, d, MaxDuration)
	}
	return d
}

func (r *planReader) fault(name string, h faultText, end time.Duration) PlannedFault {
	at, _ := r.duration(name, h.At)
	fault, known := Catalogue[h.Fault]
	switch {
	case fault.TargetsSupervisor && h.Service != "":
		r.errorf("%s: %s targets the supervisor: leave the service out", name, h.Fault)
	case !fault.TargetsSupervisor && !slices.Contains(r.services, h.Service):
		r.errorf("%s: there is no service %q", name, h.Service)
	}
	switch {
	case !known:
		r.errorf("%s: unknown fault %q: use %s", name, h.Fault, faultNames())
	case !slices.Contains(fault.Args, h.Arg) && (h.Arg != "" || len(fault.Args) > 0):
		r.errorf("%s: %s does not take %q: use one of %q", name, h.Fault, h.Arg, fault.Args)
	}
	if at > end {
		r.errorf("%s: it comes at %v, after the end of the faults at %v", name, at, end)
	}
	return PlannedFault{At: at, Service: h.Service, Fault: h.Fault, Arg: h.Arg}
}
