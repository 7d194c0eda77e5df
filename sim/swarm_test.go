package sim_test

import (
	"flag"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
)

var (
	seeds = flag.Int("seeds", 300, "how many seeds TestSwarm runs")
	first = flag.Uint64("seed", 1, "the first seed of TestSwarm")
	fails = flag.Int("fails", 1, "after how many failing seeds TestSwarm gives up")
	lines = flag.Int("lines", 60, "how much is shown of the end of a failing run's trace")
)

// play runs a seed: scenario and run draw from the same stream.
func play(seed uint64) (Scenario, *Report) {
	choices := fakesys.FromSeed(seed)
	s := Generate(choices)
	return s, s.Run(choices)
}

// replay tells how a seed that failed goes.
func replay(seed uint64) string {
	choices := fakesys.FromSeed(seed)
	s := Generate(choices)
	return story(s, s.RunTraced(choices), *lines)
}

// story is what a person wants to see of a run that failed.
func story(s Scenario, r *Report, lines int) string {
	trace := strings.Split(strings.TrimSpace(r.Trace), "\n")
	if cut := len(trace) - lines; cut > 0 {
		trace = append([]string{"..."}, trace[cut:]...)
	}
	return strings.Join(r.Violations, "\n") + "\n\n" + s.String() + "\n" + strings.Join(trace, "\n")
}

// TestSwarm plays many seeds. A failing one replays with -run TestSwarm
// -seed N -seeds 1.
func TestSwarm(t *testing.T) {
	var next, steps, failed atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for failed.Load() < int64(*fails) {
				i := next.Add(1) - 1
				if i >= int64(*seeds) {
					return
				}
				seed := *first + uint64(i)
				_, r := play(seed)
				steps.Add(int64(r.Steps))
				if r.Failed() {
					failed.Add(1)
					t.Errorf("seed %d (replay: go test ./sim -run TestSwarm -seed %d -seeds 1)\n%s", seed, seed, replay(seed))
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d seeds from %d, %d steps", *seeds, *first, steps.Load())
}

// drawn lets rapid make the choices, so that it can shrink them.
type drawn struct{ *rapid.T }

func (d drawn) Choose(label string, n int) int { return rapid.IntRange(0, n-1).Draw(d.T, label) }

// TestLaws has rapid make scenarios and runs, and shrink what fails.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Generate(drawn{t})
		rec := &fakesys.Recorder{From: drawn{t}}
		if r := s.Run(rec); r.Failed() {
			r = s.RunTraced(fakesys.FromList(rec.Values()))
			t.Fatalf("%s\nchoices: %v", story(s, r, 200), rec.Values())
		}
	})
}
