// Hunt searches gosv for a bug as the tests of package sim do, in one thread and in
// a fixed order, until a run breaks an invariant or the processor time is used up.
// It prints what it found as one line of JSON.
//
// The order: some seeds of the swarm; the library of scenarios without chance; more
// seeds; every call of the library failed, and gosv killed after every step of it;
// then seeds without end.
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
	flag.Parse()
	h := &hunt{limit: *limit}
	h.watch()
	h.search()
	h.tell()
}

// hunt is a search on its way.
type hunt struct {
	bugs.Catch
	limit time.Duration
	runs  atomic.Int64
}

// errOver ends a search: something was caught, or the time is used up.
var errOver = errors.New("over")

// search goes through all that there is to try.
func (h *hunt) search() {
	for _, try := range []func() error{
		func() error { return h.swarm(500) },
		h.library,
		func() error { return h.swarm(12000) },
		func() error { return h.sweep(sim.Crashes) },
		func() error { return h.sweep(sim.Failures) },
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
		if err := h.judge(fmt.Sprintf("seed %d", h.Seeds), s.Run(choices)); err != nil {
			return err
		}
	}
	return nil
}

// library plays every scenario without chance.
func (h *hunt) library() error {
	for _, n := range sim.Library() {
		if err := h.judge("library "+n.Name, n.Run(fakesys.Zero{})); err != nil {
			return err
		}
	}
	return nil
}

// sweep plays every scenario with one thing of a kind otherwise.
func (h *hunt) sweep(space sim.Space) (err error) {
	for _, n := range sim.Library() {
		sim.Explore(sim.Plan{Library: n.Name}, []sim.Space{space}, func(p sim.Plan, r *sim.Report) bool {
			err = h.judge(fmt.Sprintf("library %s, fails %v, crashes %v", n.Name, p.Fails, p.Crashes), r)
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *hunt) judge(where string, r *sim.Report) error {
	h.runs.Add(1)
	h.Steps += r.Steps
	if r.Failed() {
		h.Where, h.Broken = where, r.Violations[0]
		return errOver
	}
	if spent() > h.limit {
		return errOver
	}
	return nil
}

func (h *hunt) tell() {
	h.Runs = int(h.runs.Load())
	if err := json.NewEncoder(os.Stdout).Encode(h.Catch); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hung is how much processor time one run may take: far more than any does.
const hung = 5 * time.Second

// watch takes a run that never ends for a catch: no step of gosv may block.
func (h *hunt) watch() {
	seen, since := h.runs.Load(), spent()
	var look func()
	look = func() {
		if now := h.runs.Load(); now != seen {
			seen, since = now, spent()
		}
		if spent()-since > hung {
			_ = json.NewEncoder(os.Stdout).Encode(bugs.Catch{Runs: int(seen), Where: "a run that does not end", Broken: "invariant 20 no panic, no blocked step: it does not end"})
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
