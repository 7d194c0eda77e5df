package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// restartCounter counts a service's restarts in a row from its exits and its policy. The
// count that the supervisor reports is compared with it.
type restartCounter struct {
	svc     config.Service
	attempt int // restarts in a row
	retries int // starts in a row that the machine made fail
	// The program of the last start was executed between these two instants.
	requestedAt, runningSince time.Duration
}

// observe takes the next event of the service. It returns a sentence if the event
// reports a count that is not possible, and continues with its own count.
func (s *restartCounter) observe(e Event) (contradiction string) {
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
		possible = s.afterFailedStart(e)
	default:
		possible = []int{s.attempt}
	}
	before := s.attempt
	s.attempt = possible[0]
	if slices.Contains(possible, e.Attempt) {
		s.attempt = e.Attempt
	} else if backoff {
		contradiction = fmt.Sprintf("%s: reported at %v to be restart %d in a row; by its exits and its policy it is restart %d", e.Service, e.At, e.Attempt, s.attempt)
	}
	if e.From == lifecycle.Starting.String() {
		s.retries++
		if s.attempt != before {
			s.retries = 0
		}
	}
	return contradiction
}

// afterRun returns the counts that are possible after a run that ended at an instant: a
// run of reset_after resets the count to 0. If the program can have been executed on
// either side of that, both counts are possible.
func (s *restartCounter) afterRun(at time.Duration) []int {
	switch reset := s.svc.Backoff.ResetAfter; {
	case at-s.runningSince >= reset:
		return []int{0}
	case at-s.requestedAt >= reset:
		return []int{s.attempt, 0}
	}
	return []int{s.attempt}
}

// exhausted reports whether the policy allows no further restart in a row.
func (s *restartCounter) exhausted() bool {
	return s.svc.MaxRestarts != config.Unlimited && s.attempt >= s.svc.MaxRestarts
}
