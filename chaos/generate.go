package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Rates say how many hits a plan has. Exactly one of Kill, MTBF and Count is set.
type Rates struct {
	Kill  float64       // the probability, 0..1, that a service is hit in a tick
	MTBF  time.Duration // mean time between the hits of one service
	Count int           // hits in all
}

// Request is what a plan is made from.
type Request struct {
	Seed     uint64
	Rates    Rates
	Tick     time.Duration
	Duration time.Duration
	Faults   []string // names in [Catalogue]
	Services []string // that may be hit, in the order of the configuration
}

// The bounds of a plan: a wrong unit must not draw for hours, or fill the memory.
const (
	MaxDuration = 7 * 24 * time.Hour
	maxFaults   = 1_000_000
	maxDraws    = 100_000_000
)

// Expected is the number of hits that the rates amount to.
func (r Request) Expected() float64 {
	services := float64(len(r.Services))
	switch {
	case r.Rates.Count > 0:
		return float64(r.Rates.Count)
	case r.Rates.MTBF > 0:
		return services * float64(r.Duration) / float64(r.Rates.MTBF)
	}
	return services * r.Rates.Kill * float64(r.ticks())
}

// ticks is how many there are; 0 where a request has none.
func (r Request) ticks() int {
	if r.Tick <= 0 {
		return 0
	}
	return int(r.Duration / r.Tick)
}

// check gives every mistake at once.
func (r Request) check() error {
	var errs []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	given := 0
	for _, is := range []bool{r.Rates.Kill != 0, r.Rates.MTBF != 0, r.Rates.Count != 0} {
		if is {
			given++
		}
	}
	wrong(given == 0, "with a rate of 0 nothing is hit: give a kill rate, a mean time between faults, or a count of faults, of more than 0")
	wrong(given > 1, "give one of a kill rate, a mean time between faults and a count of faults, not %d of them", given)
	wrong(!(r.Rates.Kill >= 0 && r.Rates.Kill <= 1), "a kill rate is a probability from 0 to 1, not %v", r.Rates.Kill)
	wrong(r.Rates.MTBF < 0, "a mean time between faults is more than 0, not %v", r.Rates.MTBF)
	wrong(r.Rates.Count < 0, "a count of faults is at least 1, not %d", r.Rates.Count)
	wrong(r.Tick <= 0, "a tick is more than 0, not %v", r.Tick)
	wrong(r.Duration <= 0, "a duration is more than 0, not %v", r.Duration)
	wrong(r.Duration > MaxDuration, "a duration is at most %v, not %v", MaxDuration, r.Duration)
	wrong(r.Tick > 0 && 0 < r.Duration && r.Duration < r.Tick, "a duration of %v holds no tick of %v", r.Duration, r.Tick)
	wrong(r.Expected() > maxFaults, "the plan would have about %.0f hits, and may have %d: lower the rate or the duration", r.Expected(), maxFaults)
	wrong(r.Rates.Kill > 0 && r.ticks() > maxDraws/max(1, len(r.Services)), "the plan would take draws for %d services in %d ticks: give a longer tick or a shorter duration", len(r.Services), r.ticks())
	wrong(len(r.Services) == 0, "no service may be hit")
	wrong(len(r.Faults) == 0, "no fault is to be done")
	for _, name := range r.Faults {
		_, known := Catalogue[name]
		wrong(!known, "unknown fault %q: use %s", name, faultNames())
	}
	return errors.Join(errs...)
}

// Generate makes the plan of a request.
func Generate(r Request) (Plan, error) {
	if err := r.check(); err != nil {
		return Plan{}, err
	}
	g := generator{Request: r, random: rand.New(rand.NewPCG(r.Seed, planStream))}
	switch {
	case r.Rates.Count > 0:
		g.byCount()
	case r.Rates.MTBF > 0:
		g.byMTBF()
	default:
		g.byRate()
	}
	slices.SortStableFunc(g.faults, func(a, b PlannedFault) int { return int(a.At - b.At) })
	return Plan{Version: PlanVersion, Seed: r.Seed, Tick: r.Tick, Duration: r.Duration, Faults: g.faults}, nil
}

// planStream keeps the numbers of plans apart from any other use of the seed.
const planStream = 0x6368616f73

type generator struct {
	Request
	random    *rand.Rand
	faults    []PlannedFault
	remaining []string // faults that are still to be drawn before any is drawn again
}

// fault draws one: each comes once before any comes again, so that none is missing in
// a plan of enough hits.
func (g *generator) nextKind() string {
	if len(g.remaining) == 0 {
		g.remaining = slices.Clone(g.Faults)
	}
	i := g.random.IntN(len(g.remaining))
	name := g.remaining[i]
	g.remaining = slices.Delete(g.remaining, i, i+1)
	return name
}

// byRate decides for every service and tick; a hit comes somewhere in its tick.
func (g *generator) byRate() {
	for tick := range g.ticks() {
		for _, service := range g.Services {
			if g.random.Float64() < g.Rates.Kill {
				g.add(time.Duration(tick)*g.Tick+g.below(g.Tick), service)
			}
		}
	}
}

// byMTBF gives every service times between hits of an exponential distribution.
func (g *generator) byMTBF() {
	for _, service := range g.Services {
		for at := g.gap(); at < g.Duration; at += g.gap() {
			g.add(at, service)
		}
	}
}

func (g *generator) gap() time.Duration {
	return time.Duration(g.random.ExpFloat64() * float64(g.Rates.MTBF))
}

func (g *generator) byCount() {
	for range g.Rates.Count {
		g.add(g.below(g.Duration), g.Services[g.random.IntN(len(g.Services))])
	}
}

func (g *generator) below(d time.Duration) time.Duration {
	return time.Duration(g.random.Int64N(int64(d)))
}

func (g *generator) add(at time.Duration, service string) {
	name := g.nextKind()
	h := PlannedFault{At: at, Service: service, Fault: name}
	fault := Catalogue[name]
	if fault.TargetsSupervisor {
		h.Service = ""
	}
	if len(fault.Args) > 0 {
		h.Arg = fault.Args[g.random.IntN(len(fault.Args))]
	}
	g.faults = append(g.faults, h)
}
