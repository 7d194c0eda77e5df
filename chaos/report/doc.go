// Package report writes what came out of a chaos run: a table for people, JSON
// with a versioned schema, JUnit XML for CI systems, markdown for their summary
// pages, and a drawing.
//
// Each is a pure function of a [Result].
package report

import (
	"time"

	"github.com/gosv/gosv/chaos"
)

// Result is a run with its verdicts.
type Result struct {
	History  chaos.History
	Verdicts []chaos.Verdict
	// Expected is how many faults the rates amount to.
	Expected float64
	// Command repeats the run: one line for a shell.
	Command string
	// Status is the exit status of gosv chaos.
	Status int
	// Baseline is an earlier report, if there is one to compare with.
	Baseline *JSON
}

// Outcome is what the run came to.
func (r Result) Outcome() chaos.Outcome { return chaos.Conclude(r.History, r.Verdicts) }

// took is how long a phase was, if it began.
func (r Result) took(p chaos.Phase) (took time.Duration, began bool) {
	for _, s := range r.History.Phases {
		if s.Phase == p {
			return s.To - s.From, true
		}
	}
	return 0, false
}

// length is that of the run, from its beginning to the end of the supervisor.
func (r Result) length() time.Duration {
	all := r.History.End.At
	for _, s := range r.History.Phases {
		all = max(all, s.To)
	}
	return all
}

// hits counts the faults that were done, and those that were skipped by reason.
func (r Result) hits() (done int, skipped map[string]int) {
	skipped = map[string]int{}
	for _, h := range r.History.Injections {
		if h.Skipped == "" {
			done++
		} else {
			skipped[h.Skipped]++
		}
	}
	return done, skipped
}

func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
