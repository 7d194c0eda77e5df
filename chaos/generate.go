package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Rates say how many faults a plan has. Exactly one of Kill, MTBF and Count is set.
type Rates struct {
	Kill  float64       // probability, 0 to 1, that a service gets a fault in one tick
	MTBF  time.Duration // mean time between the faults of one service
	Count int           // faults in all
}

// Request is what a plan is generated from.
type Request struct {
	Seed     uint64
	Rates    Rates
	Tick     time.Duration
	Duration time.Duration
	Faults   []string // names in [Catalogue]
	Services []string // that may get faults, in the order of the configuration
}

// The limits of a plan: a wrong unit must neither draw for hours nor fill the memory.
const (
	MaxDuration = 7 * 24 * time.Hour
	maxFaults   = 1_000_000
	maxDraws    = 100_000_000
)

// Expected returns the expected number of faults.
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

// ticks returns the number of ticks, or 0 if the request has no tick.
func (r Request) ticks() int {
	if r.Tick <= 0 {
		return 0
	}
	return int(r.Duration / r.Tick)
}

// check returns every mistake of the request.
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
	wrong(given == 0, "a rate of 0 injects nothing: give a kill rate, a mean time between faults, or a count of faults")
	wrong(given > 1, "a kill rate, a mean time between faults and a count of faults exclude each other; %d are given", given)
	wrong(!(r.Rates.Kill >= 0 && r.Rates.Kill <= 1), "the kill rate is a probability from 0 to 1, not %v", r.Rates.Kill)
	wrong(r.Rates.MTBF < 0, "the mean time between faults must be more than 0, not %v", r.Rates.MTBF)
	wrong(r.Rates.Count < 0, "the count of faults must be at least 1, not %d", r.Rates.Count)
	wrong(r.Tick <= 0, "the tick must be more than 0, not %v", r.Tick)
	wrong(r.Duration <= 0, "the duration must be more than 0, not %v", r.Duration)
	wrong(r.Duration > MaxDuration, "the duration must be at most %v, not %v", MaxDuration, r.Duration)
	wrong(r.Tick > 0 && 0 < r.Duration && r.Duration < r.Tick, "the duration (%v) is shorter than a tick (%v)", r.Duration, r.Tick)
	wrong(r.Expected() > maxFaults, "the plan would have about %.0f faults, more than %d: lower the rate or the duration", r.Expected(), maxFaults)
	wrong(r.Rates.Kill > 0 && r.ticks() > maxDraws/max(1, len(r.Services)), "the plan has too many ticks (%d services, %d ticks): give a longer tick or a shorter duration", len(r.Services), r.ticks())
	wrong(len(r.Services) == 0, "no service may get a fault")
	wrong(len(r.Faults) == 0, "no kind of fault is given")
	for _, name := range r.Faults {
		_, known := Catalogue[name]
		wrong(!known, "unknown fault %q: use %s", name, faultNames())
	}
	return errors.Join(errs...)
}

// Generate returns the plan of a request.
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

// planStream separates the random numbers of plans from other uses of the seed.
const planStream = 0x6368616f73

type generator struct {
	Request
	random    *rand.Rand
	faults    []PlannedFault
	remaining []string // kinds that are drawn before any kind is drawn again
}

// nextKind draws a kind of fault. Each kind comes once before any comes again, so a plan
// with enough faults has every kind.
func (g *generator) nextKind() string {
	if len(g.remaining) == 0 {
		g.remaining = slices.Clone(g.Faults)
	}
	i := g.random.IntN(len(g.remaining))
	name := g.remaining[i]
	g.remaining = slices.Delete(g.remaining, i, i+1)
	return name
}

// byRate decides for every service and tick. A fault comes at a random time in its tick.
func (g *generator) byRate() {
	for tick := range g.ticks() {
		for _, service := range g.Services {
			if g.random.Float64() < g.Rates.Kill {
				g.add(time.Duration(tick)*g.Tick+g.below(g.Tick), service)
			}
		}
	}
}

// byMTBF draws the times between the faults of each service from an exponential distribution.
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
