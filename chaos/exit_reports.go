package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// heardLate are ends of running processes that the supervisor told of much later
// than the observer saw them: its delays would count from when it noticed, and what
// a service is without meanwhile would be nobody's lateness.
func (t *judgement) checkExitReports(a *findings) {
	type process struct {
		service string
		pid     int
	}
	gone := map[process][]time.Duration{}
	for _, l := range t.Processes {
		if l.ExitedAt != 0 {
			p := process{l.Service, l.Pid}
			gone[p] = append(gone[p], l.ExitedAt)
		}
	}
	var starved time.Duration // up to the event before
	for _, e := range t.Events {
		waited := max(0, e.starvedBy()-starved, e.Waited)
		starved = max(starved, e.Starved) // most events have no account
		if e.Cause != lifecycle.MainExited.String() || e.From != lifecycle.Running.String() {
			continue
		}
		if at, ok := latestBefore(gone[process{e.Service, e.Pid}], e.At); ok {
			what := fmt.Sprintf("%s: process %d ended at %v, and that was told %v later", e.Service, e.Pid, at, e.At-at)
			t.checkDelay(a, what, e.At-at, waited, t.supervisorStopped(at, e.At))
		}
	}
}

// latest is the last instant that is not after another.
func latestBefore(instants []time.Duration, until time.Duration) (last time.Duration, ok bool) {
	for _, at := range instants {
		if at <= until && (!ok || at > last) {
			last, ok = at, true
		}
	}
	return last, ok
}
