package sim_test

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/gosv/gosv/sim"
)

var nightly = flag.Duration("nightly", 0, "how long a TestNightly, or TestSwarm, may take; 0: TestNightly is left out")

// stage has every scenario of the library played, one after the other on each
// processor. Each has a share of the time, and what it leaves of that is for those
// after it. play tells how many runs that was, how many steps, and whether nothing
// is left to do.
func stage(t *testing.T, play func(n Named, until time.Time) (runs, steps int, complete bool)) {
	if *nightly == 0 {
		t.Skip("this is a stage of make nightly: -nightly says how long it may take")
	}
	library, begin := Library(), time.Now()
	end, processors := begin.Add(*nightly), runtime.GOMAXPROCS(0)
	var next, runs, steps, whole atomic.Int64
	var workers sync.WaitGroup
	for range processors {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(library) && !t.Failed(); i = int(next.Add(1)) - 1 {
				rounds := max(1, float64(len(library)-i)/float64(processors))
				from := time.Now()
				r, st, complete := play(library[i], from.Add(time.Duration(float64(end.Sub(from))/rounds)))
				runs.Add(int64(r))
				steps.Add(int64(st))
				if complete {
					whole.Add(1)
				}
				t.Logf("%s: %d runs, %d steps in %v, complete: %v", library[i].Name, r, st, time.Since(from).Round(time.Millisecond), complete)
			}
		})
	}
	workers.Wait()
	t.Logf("%d runs, %d steps in %v; complete: %d of %d scenarios", runs.Load(), steps.Load(), time.Since(begin).Round(time.Second), whole.Load(), len(library))
}

// explored explores for a stage.
func explored(t *testing.T, name string, until time.Time, spaces ...Space) (runs, steps int, complete bool) {
	y := tally{t: t, until: until}
	complete = Explore(Plan{Library: name}, spaces, y.visit)
	return y.runs, y.steps, complete
}

// TestNightlyPairs goes through every two calls that can fail one after the other.
// Errnos that gosv never tells apart share what comes after them.
func TestNightlyPairs(t *testing.T) {
	stage(t, func(n Named, until time.Time) (int, int, bool) {
		return explored(t, n.Name, until, Failures, Failures)
	})
}

// TestNightlyCrashes goes through every crash that another follows, or a call that
// fails in the next life.
func TestNightlyCrashes(t *testing.T) {
	stage(t, func(n Named, until time.Time) (int, int, bool) {
		return explored(t, n.Name, until, Crashes, Failures|Crashes)
	})
}

// TestNightlySlow goes through every crash that a slow call follows in the next life.
func TestNightlySlow(t *testing.T) {
	stage(t, func(n Named, until time.Time) (int, int, bool) {
		return explored(t, n.Name, until, Crashes, SlowCalls)
	})
}

// TestNightlyDecisions decides any one thing otherwise, where what is told may
// come late and what happens at the same time in any order, then any two things
// of the order.
func TestNightlyDecisions(t *testing.T) {
	stage(t, func(n Named, until time.Time) (int, int, bool) {
		runs, steps, complete := explored(t, n.Name+"+order+late", until, Decisions)
		if !complete {
			return runs, steps, false
		}
		moreRuns, moreSteps, complete := explored(t, n.Name+"+order", until, Decisions, Decisions)
		return runs + moreRuns, steps + moreSteps, complete
	})
}

// TestNightlyOrders puts three things out of order, drawn by seeds from -seed on,
// for as long as there is time.
func TestNightlyOrders(t *testing.T) {
	stage(t, func(n Named, until time.Time) (int, int, bool) {
		played := orders(t, n.Name, *first, 20_000, until)
		return played, 0, played == 20_000
	})
}
