package chaos_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/chaos"
)

func request(seed uint64, r chaos.Rates) chaos.Request {
	services := make([]string, 10)
	for i := range services {
		services[i] = fmt.Sprintf("s%d", i)
	}
	return chaos.Request{Seed: seed, Rates: r, Tick: time.Second, Duration: time.Minute, Faults: []string{"kill"}, Services: services}
}

func TestTheSameSeedGivesTheSamePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := request(rapid.Uint64().Draw(t, "seed"), chaos.Rates{Kill: rapid.Float64Range(0.01, 1).Draw(t, "rate")})
		one, err := chaos.Generate(r)
		require.NoError(t, err)
		two, err := chaos.Generate(r)
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(one, two))
	})
}

func TestAPlanHasAsManyHitsAsItsRatesSay(t *testing.T) {
	for name, rates := range map[string]chaos.Rates{
		"rate": {Kill: 0.2}, "mean time": {MTBF: 5 * time.Second}, "count": {Count: 77},
	} {
		const seeds = 200
		hits, expected := 0, 0.0
		for seed := range uint64(seeds) {
			r := request(seed, rates)
			p, err := chaos.Generate(r)
			require.NoError(t, err)
			hits += len(p.Faults)
			expected = r.Expected()
			for i, h := range p.Faults {
				require.True(t, h.At >= 0 && h.At < time.Minute, "%s: %v", name, h)
				require.True(t, i == 0 || p.Faults[i-1].At <= h.At, "%s: out of order", name)
			}
		}
		// Five standard deviations of a sum of seeds Poisson numbers.
		assert.InDelta(t, expected*seeds, hits, 5*math.Sqrt(expected*seeds), name)
	}
}

// A plan with as many hits as there are faults has each of them.
func TestNoFaultIsMissingInAPlan(t *testing.T) {
	for seed := range uint64(50) {
		r := request(seed, chaos.Rates{Count: len(chaos.Catalogue)})
		r.Faults = chaos.Expand([]string{chaos.AllFaults})
		p, err := chaos.Generate(r)
		require.NoError(t, err)
		drawn := map[string]bool{}
		for _, h := range p.Faults {
			drawn[h.Fault] = true
		}
		assert.Len(t, drawn, len(chaos.Catalogue))
	}
}

func TestAPlanIsReadAsItWasWritten(t *testing.T) {
	r := request(7, chaos.Rates{Kill: 0.5})
	r.Faults = chaos.Expand([]string{chaos.AllFaults})
	p, err := chaos.Generate(r)
	require.NoError(t, err)
	again, err := chaos.Decode(p.Encode(), r.Services)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(p, again))
}

// A tick is a part of the duration, and what a plan may be made of has a bound: else a
// wrong unit would draw for hours.
func TestARequestHasBounds(t *testing.T) {
	const hour = time.Hour
	for want, change := range map[string]func(*chaos.Request){
		"a tick is more than 0, not 0s":                func(r *chaos.Request) { r.Tick = 0 },
		"a tick is more than 0, not -1s":               func(r *chaos.Request) { r.Tick = -time.Second },
		"a duration is more than 0, not 0s":            func(r *chaos.Request) { r.Duration = 0 },
		"holds no tick of 2m0s":                        func(r *chaos.Request) { r.Tick = 2 * time.Minute },
		"a duration is at most 168h0m0s, not 168h0m1s": func(r *chaos.Request) { r.Duration = chaos.MaxDuration + time.Second },
		"draws for 10 services in 60000000000 ticks":   func(r *chaos.Request) { r.Tick = time.Nanosecond },
		"about 2000000 hits, and may have 1000000":     func(r *chaos.Request) { r.Rates = chaos.Rates{Count: 2_000_000} },
		"about 600000000000 hits":                      func(r *chaos.Request) { r.Rates = chaos.Rates{MTBF: 1} },
		"about 1800000 hits":                           func(r *chaos.Request) { r.Rates.Kill, r.Duration = 1, 50*hour },
	} {
		r := request(1, chaos.Rates{Kill: 0.2})
		change(&r)
		assert.NotPanics(t, func() { r.Expected() }, want)
		_, err := chaos.Generate(r)
		assert.ErrorContains(t, err, want)
	}
	_, err := chaos.Generate(request(1, chaos.Rates{}))
	assert.EqualError(t, err, "with a rate of 0 nothing is hit: give a kill rate, a mean time between faults, or a count of faults, of more than 0")
}

func TestAPlanThatCannotBeIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":1,"tick":"0s","duration":"5s","hits":[]}`:    "tick: it is more than 0, not 0s",
		`{"version":1,"tick":"9s","duration":"5s","hits":[]}`:    "a duration of 5s holds no tick of 9s",
		`{"version":1,"tick":"1s","duration":"0s","hits":[]}`:    "duration: it is more than 0, not 0s",
		`{"version":1,"tick":"1s","duration":"9999h","hits":[]}`: "duration: it is at most 168h0m0s, not 9999h0m0s",
		`{"version":1,"duration":"5s","hits":[]}`:                "tick: time: invalid duration",
		`{"version": 2}`: "has version 2",
		`nonsense`:       "no plan",
		`{"version":1,"tick":"1s","duration":"5s","hits":[]} x`:                                                             "no plan",
		`{"version":1,"tick":"1s","tick":"2s","duration":"5s","hits":[]}`:                                                   `duplicate object member name "tick"`,
		`{"version":1,"Tick":"1s","duration":"5s","hits":[]}`:                                                               `unknown object member name "Tick"`,
		`{"version":1,"tick":"1s","duration":"-1s","hits":[]}`:                                                              "less than nothing",
		`{"version":1,"tick":"1s","duration":"5s","hits":[{"at":"1s","service":"x","fault":"kill","arg":"KILL"}]}`:          `no service "x"`,
		`{"version":1,"tick":"1s","duration":"5s","hits":[{"at":"1s","service":"s","fault":"flood-of-frogs"}]}`:             `unknown fault "flood-of-frogs"`,
		`{"version":1,"tick":"1s","duration":"5s","hits":[{"at":"1s","service":"s","fault":"kill","arg":"POLITELY"}]}`:      "does not take",
		`{"version":1,"tick":"1s","duration":"5s","hits":[{"at":"9s","service":"s","fault":"kill","arg":"KILL"}]}`:          "after the end",
		`{"version":1,"tick":"1s","duration":"5s","hits":[{"at":"1s","service":"s","fault":"stop-supervisor","arg":"1s"}]}`: "done to the supervisor",
		`{"version":1,"tick":"1s","duration":"5s","hits":[{"at":"1s","fault":"kill","arg":"KILL"}]}`:                        `no service ""`,
	} {
		_, err := chaos.Decode([]byte(text), []string{"s"})
		assert.ErrorContains(t, err, want, text)
	}
}

func TestARequestThatCannotBeIsRefusedWithEveryReason(t *testing.T) {
	r := chaos.Request{Rates: chaos.Rates{Kill: 1.5, Count: -1}, Tick: time.Second, Duration: time.Millisecond, Faults: []string{"nothing"}}
	_, err := chaos.Generate(r)
	for _, want := range []string{"from 0 to 1", "at least 1", "holds no tick", "no service", `unknown fault "nothing"`, "not 2 of them"} {
		assert.ErrorContains(t, err, want)
	}
	_, err = chaos.Generate(request(1, chaos.Rates{Kill: math.NaN()}))
	assert.ErrorContains(t, err, "probability")
}
