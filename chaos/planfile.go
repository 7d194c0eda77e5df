package chaos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// planText is a plan as a file: durations are Go's strings.
type planText struct {
	Version  int       `json:"version"`
	Seed     uint64    `json:"seed"`
	Tick     string    `json:"tick"`
	Duration string    `json:"duration"`
	Hits     []hitText `json:"hits"`
}

type hitText struct {
	At      string `json:"at"`
	Service string `json:"service,omitempty"`
	Fault   string `json:"fault"`
	Arg     string `json:"arg,omitempty"`
}

// Encode gives the plan as a file, a line for each hit.
func (p Plan) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"version\": %d, \"seed\": %d, \"tick\": %q, \"duration\": %q, \"hits\": [", p.Version, p.Seed, p.Tick, p.Duration)
	for i, h := range p.Hits {
		if i > 0 {
			b.WriteByte(',')
		}
		line, err := json.Marshal(hitText{At: h.At.String(), Service: h.Service, Fault: h.Fault, Arg: h.Arg})
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
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Plan{}, fmt.Errorf("this is no plan: %w", err)
	}
	if t.Version != PlanVersion {
		return Plan{}, fmt.Errorf("the plan has version %d, and this gosv reads version %d", t.Version, PlanVersion)
	}
	var errs []error
	duration := func(name, text string) time.Duration {
		v, err := time.ParseDuration(text)
		if err == nil && v < 0 {
			err = fmt.Errorf("%v is less than nothing", v)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return v
	}
	length := func(name, text string) time.Duration {
		failed := len(errs)
		v := duration(name, text)
		switch {
		case len(errs) > failed:
		case v == 0:
			errs = append(errs, fmt.Errorf("%s: it is more than 0, not 0s", name))
		case v > MaxDuration:
			errs = append(errs, fmt.Errorf("%s: it is at most %v, not %v", name, MaxDuration, v))
		}
		return v
	}
	p := Plan{Version: t.Version, Seed: t.Seed, Tick: length("tick", t.Tick), Duration: length("duration", t.Duration)}
	if 0 < p.Duration && p.Duration < p.Tick {
		errs = append(errs, fmt.Errorf("a duration of %v holds no tick of %v", p.Duration, p.Tick))
	}
	if len(t.Hits) > maxHits {
		return Plan{}, fmt.Errorf("the plan has %d hits, and may have %d", len(t.Hits), maxHits)
	}
	for i, h := range t.Hits {
		name := fmt.Sprintf("hit %d", i+1)
		hit := Hit{At: duration(name, h.At), Service: h.Service, Fault: h.Fault, Arg: h.Arg}
		fault, known := Catalogue[h.Fault]
		switch {
		case fault.Whole && h.Service != "":
			errs = append(errs, fmt.Errorf("%s: %s is done to the supervisor: it has no service", name, h.Fault))
		case !fault.Whole && !slices.Contains(services, h.Service):
			errs = append(errs, fmt.Errorf("%s: there is no service %q", name, h.Service))
		}
		switch {
		case !known:
			errs = append(errs, fmt.Errorf("%s: unknown fault %q: use %s", name, h.Fault, faultNames()))
		case !slices.Contains(fault.Args, h.Arg) && (h.Arg != "" || len(fault.Args) > 0):
			errs = append(errs, fmt.Errorf("%s: %s does not take %q: use one of %q", name, h.Fault, h.Arg, fault.Args))
		}
		if hit.At > p.Duration {
			errs = append(errs, fmt.Errorf("%s: it comes at %v, after the end of the faults at %v", name, hit.At, p.Duration))
		}
		p.Hits = append(p.Hits, hit)
	}
	slices.SortStableFunc(p.Hits, func(a, b Hit) int { return int(a.At - b.At) })
	return p, errors.Join(errs...)
}
