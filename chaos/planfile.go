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

// planText is a plan as a file: durations are Go's strings.
type planText struct {
	Version  int         `json:"version"`
	Seed     uint64      `json:"seed"`
	Tick     string      `json:"tick"`
	Duration string      `json:"duration"`
	Faults   []faultText `json:"hits"`
}

type faultText struct {
	At      string `json:"at"`
	Service string `json:"service,omitempty"`
	Fault   string `json:"fault"`
	Arg     string `json:"arg,omitempty"`
}

// Encode gives the plan as a file, a line for each hit.
func (p Plan) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"version\": %d, \"seed\": %d, \"tick\": %q, \"duration\": %q, \"hits\": [", p.Version, p.Seed, p.Tick, p.Duration)
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

// Decode reads a plan for these services, and gives everything that is wrong with
// it at once.
func Decode(text []byte, services []string) (Plan, error) {
	var t planText
	if err := json.Unmarshal(text, &t, json.RejectUnknownMembers(true)); err != nil {
		return Plan{}, fmt.Errorf("this is no plan: %w", err)
	}
	if t.Version != PlanVersion {
		return Plan{}, fmt.Errorf("the plan has version %d, and this gosv reads version %d", t.Version, PlanVersion)
	}
	if len(t.Faults) > maxFaults {
		return Plan{}, fmt.Errorf("the plan has %d hits, and may have %d", len(t.Faults), maxFaults)
	}
	r := planReader{services: services}
	p := Plan{Version: t.Version, Seed: t.Seed, Tick: r.positiveDuration("tick", t.Tick), Duration: r.positiveDuration("duration", t.Duration)}
	if 0 < p.Duration && p.Duration < p.Tick {
		r.errorf("a duration of %v holds no tick of %v", p.Duration, p.Tick)
	}
	for i, h := range t.Faults {
		p.Faults = append(p.Faults, r.fault(fmt.Sprintf("hit %d", i+1), h, p.Duration))
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

// duration reads one that is not negative.
func (r *planReader) duration(name, text string) (d time.Duration, ok bool) {
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("%v is less than nothing", d)
	}
	if err != nil {
		r.errorf("%s: %w", name, err)
	}
	return d, err == nil
}

// length reads one that is more than nothing.
func (r *planReader) positiveDuration(name, text string) time.Duration {
	d, ok := r.duration(name, text)
	switch {
	case ok && d == 0:
		r.errorf("%s: it is more than 0, not 0s", name)
	case ok && d > MaxDuration:
		r.errorf("%s: it is at most %v, not %v", name, MaxDuration, d)
	}
	return d
}

func (r *planReader) fault(name string, h faultText, end time.Duration) PlannedFault {
	at, _ := r.duration(name, h.At)
	fault, known := Catalogue[h.Fault]
	switch {
	case fault.TargetsSupervisor && h.Service != "":
		r.errorf("%s: %s is done to the supervisor: it has no service", name, h.Fault)
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
