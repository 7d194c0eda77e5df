package report

import (
	"time"

	"github.com/gosv/gosv/chaos"
)

// Result is a run with its verdicts.
type Result struct {
	History  chaos.History
	Verdicts []chaos.Verdict
	Expected float64 // the expected number of faults
	Command  string  // a shell command that repeats the run
	Status   int     // exit status of gosv chaos
	Baseline *JSON   // an earlier report to compare with; may be nil
}

// Outcome returns the outcome of the run.
func (r Result) Outcome() chaos.Outcome { return chaos.Conclude(r.History, r.Verdicts) }

// took returns how long a phase took, if it began.
func (r Result) took(p chaos.Phase) (took time.Duration, began bool) {
	for _, s := range r.History.Phases {
		if s.Phase == p {
			return s.To - s.From, true
		}
	}
	return 0, false
}

// length returns how long the run took.
func (r Result) length() time.Duration {
	all := r.History.End.At
	for _, s := range r.History.Phases {
		all = max(all, s.To)
	}
	return all
}

// injections counts the injected faults, and the skipped ones by reason.
func (r Result) injections() (done int, skipped map[string]int) {
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

// short rounds a duration for people.
func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// quantile returns a percentile of recovery times, or "-" if there are too few for it.
func quantile(rec chaos.Recovery, q float64) string {
	if len(rec.Times) < chaos.MinQuantileSamples {
		return "-"
	}
	return short(rec.Quantile(q))
}
