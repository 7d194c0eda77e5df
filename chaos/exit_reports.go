package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkExitReports: the exit of a running process is reported soon after the observer saw
// it. A supervisor computes its delays from when it noticed, so noticing late is a way
// to restart late.
func (t *judgement) checkExitReports(a *findings) {
	type process struct {
		service string
		pid     int
	}
	exits := map[process][]time.Duration{}
	for _, l := range t.Processes {
		if l.ExitedAt != 0 {
			p := process{l.Service, l.Pid}
			exits[p] = append(exits[p], l.ExitedAt)
		}
	}
	for _, e := range t.Events {
		if e.Cause != lifecycle.MainExited.String() || e.From != lifecycle.Running.String() {
			continue
		}
		if at, ok := latestBefore(exits[process{e.Service, e.Pid}], e.At); ok {
			what := fmt.Sprintf("%s: PID %d ended at %v, and that was reported %v later", e.Service, e.Pid, at, e.At-at)
			t.checkDelay(a, what, at, e.At, 0)
		}
	}
}

// latestBefore returns the last instant that is not after another.
func latestBefore(instants []time.Duration, until time.Duration) (last time.Duration, ok bool) {
	for _, at := range instants {
		if at <= until && (!ok || at > last) {
			last, ok = at, true
		}
	}
	return last, ok
}
