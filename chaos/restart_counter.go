package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// streak is the judge's own count of a service's restarts in a row, from its ends
// and its policy: what a supervisor says of its count is held to it.
type restartCounter struct {
	svc     config.Service
	attempt int // restarts in a row
	retries int // starts in a row that failed for the machine's sake
	// The program of the last start was executed between these two.
	requestedAt, runningSince time.Duration
}

// count takes the next event. A lie is a sentence about the count that the event
// tells of; then the judge's own goes on.
func (s *restartCounter) observe(e Event) (lie string) {
	backoff := e.To == lifecycle.Backoff.String()
	var possible []int
	switch {
	case e.From == e.To:
		return ""
	case e.To == lifecycle.Starting.String():
		s.requestedAt = e.At
		if e.From != lifecycle.Backoff.String() {
			s.attempt, s.retries = 0, 0
		}
		return ""
	case e.To == lifecycle.Running.String():
		s.runningSince, s.retries = e.At, 0
		return ""
	case e.Cause == lifecycle.MainExited.String() && backoff:
		for _, n := range s.afterRun(e.At) {
			possible = append(possible, n+1)
		}
	case e.Cause == lifecycle.MainExited.String():
		possible = s.afterRun(e.At)
	case e.Cause == lifecycle.SpawnFailed.String() && backoff:
		possible = s.afterFailedStart(e.Outcome)
	default:
		possible = []int{s.attempt}
	}
	before := s.attempt
	s.attempt = possible[0]
	if slices.Contains(possible, e.Attempt) {
		s.attempt = e.Attempt
	} else if backoff {
		lie = fmt.Sprintf("%s: told at %v to be restart %d in a row; by its ends and its policy it is restart %d", e.Service, e.At, e.Attempt, s.attempt)
	}
	if e.From == lifecycle.Starting.String() {
		s.retries++
		if s.attempt != before {
			s.retries = 0
		}
	}
	return lie
}

// afterRun are the counts that a run may leave which ended at an instant: whoever
// ran for reset_after starts from 0. Where the program can have been executed on
// either side of that, both.
func (s *restartCounter) afterRun(at time.Duration) []int {
	switch reset := s.svc.Backoff.ResetAfter; {
	case at-s.runningSince >= reset:
		return []int{0}
	case at-s.requestedAt >= reset:
		return []int{s.attempt, 0}
	}
	return []int{s.attempt}
}

// exhausted tells whether the policy allows no further restart in a row.
func (s *restartCounter) exhausted() bool {
	return s.svc.MaxRestarts != config.Unlimited && s.attempt >= s.svc.MaxRestarts
}
