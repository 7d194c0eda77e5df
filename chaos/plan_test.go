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

func TestSameSeedGivesTheSamePlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := request(rapid.Uint64().Draw(t, "seed"), chaos.Rates{Kill: rapid.Float64Range(0.01, 1).Draw(t, "rate")})
		one, err := chaos.Generate(r)
		require.NoError(t, err)
		two, err := chaos.Generate(r)
		require.NoError(t, err)
		assert.Empty(t, cmp.Diff(one, two))
	})
}

func TestPlanHasTheExpectedNumberOfFaults(t *testing.T) {
	for name, rates := range map[string]chaos.Rates{
		"rate": {Kill: 0.2}, "mean time": {MTBF: 5 * time.Second}, "count": {Count: 77},
	} {
		const seeds = 200
		faults, expected := 0, 0.0
		for seed := range uint64(seeds) {
			r := request(seed, rates)
			p, err := chaos.Generate(r)
			require.NoError(t, err)
			faults += len(p.Faults)
			expected = r.Expected()
			for i, h := range p.Faults {
				require.True(t, h.At >= 0 && h.At < time.Minute, "%s: %v", name, h)
				require.True(t, i == 0 || p.Faults[i-1].At <= h.At, "%s: out of order", name)
			}
		}
		// Five standard deviations of a sum of seeds Poisson numbers.
		assert.InDelta(t, expected*seeds, faults, 5*math.Sqrt(expected*seeds), name)
	}
}

func TestPlanWithEnoughFaultsHasEveryKind(t *testing.T) {
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

func TestPlanIsDecodedAsItWasEncoded(t *testing.T) {
	r := request(7, chaos.Rates{Kill: 0.5})
	r.Faults = chaos.Expand([]string{chaos.AllFaults})
	p, err := chaos.Generate(r)
	require.NoError(t, err)
	again, err := chaos.Decode(p.Encode(), r.Services)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(p, again))
}

// Without limits, a wrong unit would draw for hours.
func TestRequestHasLimits(t *testing.T) {
	const hour = time.Hour
	for want, change := range map[string]func(*chaos.Request){
		"the tick must be more than 0, not 0s":                func(r *chaos.Request) { r.Tick = 0 },
		"the tick must be more than 0, not -1s":               func(r *chaos.Request) { r.Tick = -time.Second },
		"the duration must be more than 0, not 0s":            func(r *chaos.Request) { r.Duration = 0 },
		"shorter than a tick (2m0s)":                          func(r *chaos.Request) { r.Tick = 2 * time.Minute },
		"the duration must be at most 168h0m0s, not 168h0m1s": func(r *chaos.Request) { r.Duration = chaos.MaxDuration + time.Second },
		"10 services, 60000000000 ticks":                      func(r *chaos.Request) { r.Tick = time.Nanosecond },
		"about 2000000 faults, more than 1000000":             func(r *chaos.Request) { r.Rates = chaos.Rates{Count: 2_000_000} },
		"about 600000000000 faults":                           func(r *chaos.Request) { r.Rates = chaos.Rates{MTBF: 1} },
		"about 1800000 faults":                                func(r *chaos.Request) { r.Rates.Kill, r.Duration = 1, 50*hour },
	} {
		r := request(1, chaos.Rates{Kill: 0.2})
		change(&r)
		assert.NotPanics(t, func() { r.Expected() }, want)
		_, err := chaos.Generate(r)
		assert.ErrorContains(t, err, want)
	}
	_, err := chaos.Generate(request(1, chaos.Rates{}))
	assert.EqualError(t, err, "a rate of 0 injects nothing: give a kill rate, a mean time between faults, or a count of faults")
}

func TestInvalidPlanIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"version":2,"tick":"0s","duration":"5s","faults":[]}`:    "tick: it must be more than 0",
		`{"version":2,"tick":"9s","duration":"5s","faults":[]}`:    "the duration (5s) is shorter than a tick (9s)",
		`{"version":2,"tick":"1s","duration":"0s","faults":[]}`:    "duration: it must be more than 0",
		`{"version":2,"tick":"1s","duration":"9999h","faults":[]}`: "duration: 9999h0m0s is more than the maximum of 168h0m0s",
		`{"version":2,"duration":"5s","faults":[]}`:                "tick: time: invalid duration",
		`{"version": 1}`: "has version 1",
		`nonsense`:       "not a plan",
		`{"version":2,"tick":"1s","duration":"5s","faults":[]} x`:                                                             "not a plan",
		`{"version":2,"tick":"1s","tick":"2s","duration":"5s","faults":[]}`:                                                   `duplicate object member name "tick"`,
		`{"version":2,"Tick":"1s","duration":"5s","faults":[]}`:                                                               `unknown object member name "Tick"`,
		`{"version":2,"tick":"1s","duration":"-1s","faults":[]}`:                                                              "-1s is negative",
		`{"version":2,"tick":"1s","duration":"5s","faults":[{"at":"1s","service":"x","fault":"kill","arg":"KILL"}]}`:          `no service "x"`,
		`{"version":2,"tick":"1s","duration":"5s","faults":[{"at":"1s","service":"s","fault":"flood-of-frogs"}]}`:             `unknown fault "flood-of-frogs"`,
		`{"version":2,"tick":"1s","duration":"5s","faults":[{"at":"1s","service":"s","fault":"kill","arg":"POLITELY"}]}`:      "does not take",
		`{"version":2,"tick":"1s","duration":"5s","faults":[{"at":"9s","service":"s","fault":"kill","arg":"KILL"}]}`:          "after the end",
		`{"version":2,"tick":"1s","duration":"5s","faults":[{"at":"1s","service":"s","fault":"stop-supervisor","arg":"1s"}]}`: "targets the supervisor",
		`{"version":2,"tick":"1s","duration":"5s","faults":[{"at":"1s","fault":"kill","arg":"KILL"}]}`:                        `no service ""`,
	} {
		_, err := chaos.Decode([]byte(text), []string{"s"})
		assert.ErrorContains(t, err, want, text)
	}
}

func TestInvalidRequestIsRefusedWithEveryReason(t *testing.T) {
	r := chaos.Request{Rates: chaos.Rates{Kill: 1.5, Count: -1}, Tick: time.Second, Duration: time.Millisecond, Faults: []string{"nothing"}}
	_, err := chaos.Generate(r)
	for _, want := range []string{"from 0 to 1", "at least 1", "shorter than a tick", "no service", `unknown fault "nothing"`, "2 are given"} {
		assert.ErrorContains(t, err, want)
	}
	_, err = chaos.Generate(request(1, chaos.Rates{Kill: math.NaN()}))
	assert.ErrorContains(t, err, "probability")
}
