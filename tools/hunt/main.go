// Hunt searches gosv for a bug as the tests of package sim do, in one thread and in
// a fixed order, until a run breaks an invariant or the processor time is used up.
// It prints what it found as one line of JSON.
//
// The order: some seeds of the swarm; the library of scenarios without chance, then
// with some; more seeds; every call of the library failed and slow, and gosv killed after every step
// of it; then seeds without end.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gosv/gosv/bugs"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sim"
)

func main() {
	limit := flag.Duration("cpu", 20*time.Second, "how much processor time to spend")
	runs := flag.Int("shrink", 0, "play up to this `many` runs to make the one that is caught simpler, and print its operations")
	flag.Parse()
	h := &hunt{limit: *limit}
	h.watch()
	h.search()
	h.Spent = spent()
	h.shrink(*runs)
	h.print()
}

// shrink makes what was caught simpler. That is no part of the search.
func (h *hunt) shrink(runs int) {
	if runs == 0 || h.caught == nil {
		return
	}
	h.over.Store(true)
	if rec, err := h.caught(); err == nil {
		h.Operations = rec.Shrink(runs).Operations()
	}
}

// hunt is a search on its way.
type hunt struct {
	bugs.Catch
	limit  time.Duration
	runs   atomic.Int64
	caught func() (sim.Recording, error) // the run that broke something
	over   atomic.Bool                   // the search is
}

// errOver ends a search: something was caught, or the time is used up.
var errOver = errors.New("over")

// search goes through all that there is to try.
func (h *hunt) search() {
	for _, try := range []func() error{
		func() error { return h.swarm(500) },
		h.library,
		func() error { return h.chance(60) },
		func() error { return h.swarm(12000) },
		func() error { return h.sweep(sim.Crashes) },
		func() error { return h.sweep(sim.Failures) },
		func() error { return h.sweep(sim.SlowCalls) },
		func() error { return h.swarm(1 << 40) },
	} {
		if try() != nil {
			return
		}
	}
}

// swarm plays seeds up to one.
func (h *hunt) swarm(last int) error {
	for h.Seeds < last {
		h.Seeds++
		s, choices := sim.FromSeed(uint64(h.Seeds))
		if err := h.judge(fmt.Sprintf("seed %d", h.Seeds), s.Run(choices), recordSeed(uint64(h.Seeds))); err != nil {
			return err
		}
	}
	return nil
}

// library plays every scenario without chance.
func (h *hunt) library() error {
	for _, n := range sim.Library() {
		if err := h.judge("library "+n.Name, n.Run(fakesys.Zero{}), sim.Plan{Library: n.Name}.Recording); err != nil {
			return err
		}
	}
	return nil
}

// chance plays every scenario with what chance makes of it, so many times.
func (h *hunt) chance(times int) error {
	for seed := range uint64(times) {
		for _, n := range sim.Library() {
			record := func() (sim.Recording, error) {
				r, _ := sim.RecordScenario(n.Scenario, fakesys.FromSeed(seed))
				return r, nil
			}
			if err := h.judge(fmt.Sprintf("library %s, seed %d", n.Name, seed), n.Run(fakesys.FromSeed(seed)), record); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep plays every scenario with one thing of a kind otherwise.
func (h *hunt) sweep(space sim.Space) (err error) {
	for _, n := range sim.Library() {
		sim.Explore(sim.Plan{Library: n.Name}, []sim.Space{space}, func(p sim.Plan, r *sim.Report) bool {
			err = h.judge(fmt.Sprintf("library %s, fails %v, slow %v, crashes %v", n.Name, p.Fails, p.Slow, p.Crashes), r, p.Recording)
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// recordSeed plays a seed again.
func recordSeed(seed uint64) func() (sim.Recording, error) {
	return func() (sim.Recording, error) {
		r, _ := sim.RecordScenario(sim.FromSeed(seed))
		return r, nil
	}
}

func (h *hunt) judge(where string, r *sim.Report, record func() (sim.Recording, error)) error {
	h.runs.Add(1)
	h.Steps += r.Steps
	if r.Failed() {
		h.CaughtBy, h.Broken, h.caught = where, r.Violations[0], record
		return errOver
	}
	if spent() > h.limit {
		return errOver
	}
	return nil
}

func (h *hunt) print() {
	h.Runs = int(h.runs.Load())
	if err := json.NewEncoder(os.Stdout).Encode(h.Catch); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hung is how much processor time one run may take: far more than any does.
const hung = 5 * time.Second

// shrinking is how much it may take to make a run simpler.
const shrinking = 30 * time.Second

// watch takes a run that never ends for a catch: no step of gosv may block.
func (h *hunt) watch() {
	seen, since := h.runs.Load(), spent()
	var look func()
	look = func() {
		if now := h.runs.Load(); now != seen {
			seen, since = now, spent()
		}
		if h.over.Load() {
			if spent()-h.Spent > shrinking {
				h.print() // without the operations
				os.Exit(0)
			}
		} else if spent()-since > hung {
			_ = json.NewEncoder(os.Stdout).Encode(bugs.Catch{Runs: int(seen), CaughtBy: "a run that does not end", Broken: "invariant 20 no panic, no blocked step: it does not end"})
			os.Exit(0)
		}
		time.AfterFunc(time.Second, look)
	}
	look()
}

// spent is the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
