package sim

import (
	"slices"

	"github.com/gosv/gosv/fakesys"
)

// Shrink looks for a simpler run that breaks the same invariant first: fewer
// decisions, services and actions, a plainer machine, shorter programs. It plays
// at most so many runs.
func (r Recording) Shrink(runs int) Recording {
	s := shrinker{best: r, rule: r.Run().rule(), runs: runs}
	for s.smaller = true; s.smaller && s.runs > 0; {
		s.smaller = false
		s.decisions()
		s.scenario()
		s.values()
	}
	return s.best
}

// shrinker holds the simplest run so far.
type shrinker struct {
	best    Recording
	rule    string
	runs    int
	smaller bool // something was found since
}

// try plays a candidate, and takes it if it breaks the same invariant.
func (s *shrinker) try(candidate Recording) bool {
	if s.runs--; s.runs < 0 {
		return false
	}
	report := candidate.Run()
	if report.rule() != s.rule {
		return false
	}
	s.best, s.smaller = candidate, true
	return true
}

// decisions takes them away, all at first, then ever smaller pieces. What is left
// is written down anew, as the run without the others may never come to some.
func (s *shrinker) decisions() {
	for size := len(s.best.Decisions); size > 0; size /= 2 {
		for at := 0; at < len(s.best.Decisions); {
			end := min(at+size, len(s.best.Decisions))
			if !s.try(Recording{s.best.Scenario, slices.Delete(slices.Clone(s.best.Decisions), at, end)}) {
				at = end
			}
		}
	}
	made := &fakesys.Recorder{From: s.best.choices()}
	s.best.Scenario.Run(made)
	s.best.Decisions = decisions(made.Made)
}

// scenario takes each simplification that does not lose the violation.
func (s *shrinker) scenario() {
	for _, simplify := range simplifications {
		for i := 0; s.runs > 0; {
			next := s.best.Scenario.clone()
			more, changed := simplify(&next, i)
			if !more {
				break
			}
			if !changed || !s.try(Recording{next, s.best.Decisions}) {
				i++
			}
		}
	}
}

// values makes what chance has drawn smaller.
func (s *shrinker) values() {
	for i := range s.best.Decisions {
		for _, v := range []int{1, s.best.Decisions[i].Value / 2, s.best.Decisions[i].Value - 1} {
			if v < 1 || v >= s.best.Decisions[i].Value {
				continue
			}
			next := slices.Clone(s.best.Decisions)
			next[i].Value = v
			if s.try(Recording{s.best.Scenario, next}) {
				break
			}
		}
	}
}
