package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkSafety: a service never has two main processes; reported changes have no gaps;
// every reported process was observed, and every observed process was reported.
func checkSafety(t *judgement) (a findings) {
	for _, l := range t.Processes {
		for _, other := range l.Overlapping {
			a.violation("%s had two main processes at %v: PID %d and PID %d", l.Service, l.FirstSeen, other, l.Pid)
		}
		for _, other := range l.Leftovers {
			a.violation("%s: PID %d, of an earlier run, lived beside PID %d of a later run", l.Service, other, l.Pid)
		}
	}
	t.checkSequence(&a)
	a.violations = append(a.violations, t.reportedButNotObserved()...)
	a.violations = append(a.violations, t.observedButNotReported()...)
	a.note("%s observed, %s reported", Count(len(t.Processes), "main process was", "main processes were"), Count(len(t.Events), "event was", "events were"))
	return a
}

// checkSequence: each reported change of a service starts where the last one ended, and its
// number of restarts in all is right.
func (t *judgement) checkSequence(a *findings) {
	last := map[string]Event{}
	for _, e := range t.Events {
		before, known := last[e.Service]
		if known && before.To != e.From {
			a.violation("%s: reported to leave %s at %v, and was last reported to be %s: an event is missing", e.Service, e.From, e.At, before.To)
		}
		want := before.Restarts
		if e.From == lifecycle.Backoff.String() && e.To == lifecycle.Starting.String() {
			want++
		}
		// A start that the machine made fail is repeated, which is no restart.
		repeated := before.Cause == lifecycle.SpawnFailed.String() && e.Restarts == before.Restarts
		if e.Restarts != want && !repeated {
			a.violation("%s: reported %d restarts in all at %v; it has been %d", e.Service, e.Restarts, e.At, want)
		}
		last[e.Service] = e
	}
}

// reportedButNotObserved finds reported main processes that are not processes of the
// service: the observer looks for each reported PID.
func (t *judgement) reportedButNotObserved() (violations []string) {
	seen := map[string]map[int]bool{}
	for _, l := range t.Processes {
		if seen[l.Service] == nil {
			seen[l.Service] = map[int]bool{}
		}
		seen[l.Service][l.Pid] = true
	}
	for _, e := range t.Events {
		if e.To == lifecycle.Running.String() && !seen[e.Service][e.Pid] {
			if _, unobserved := t.exitedUnobserved(e); unobserved {
				continue
			}
			violations = append(violations, fmt.Sprintf("%s: PID %d was reported to run at %v, and is no process of the service", e.Service, e.Pid, e.At))
		}
	}
	return violations
}

// briefLife is the time within which the observer finds a new process, even on a busy
// machine. A supervisor that reports processes that do not exist is caught by those that
// it reports to have lived longer.
const briefLife = time.Second

// exitedUnobserved reports whether a process is reported to have ended before the observer
// could look, and returns that event.
func (t *judgement) exitedUnobserved(started Event) (end Event, ok bool) {
	for _, e := range t.Events {
		if e.Service != started.Service || e.Pid != started.Pid || e.Cause != lifecycle.MainExited.String() || e.At < started.At {
			continue
		}
		if e.At-started.At <= max(briefLife, t.rules.Slack)+t.supervisorStopped(started.At, e.At)+t.schedDelay(started.At, e.At) {
			return e, true
		}
	}
	return Event{}, false
}

// observedButNotReported finds main processes that the supervisor never reported.
func (t *judgement) observedButNotReported() (violations []string) {
	reported := map[string]map[int]bool{}
	for _, e := range t.Events {
		if reported[e.Service] == nil {
			reported[e.Service] = map[int]bool{}
		}
		reported[e.Service][e.Pid] = true
	}
	for _, l := range t.Processes {
		if !reported[l.Service][l.Pid] {
			violations = append(violations, fmt.Sprintf("%s: PID %d was observed from %v on, and never reported", l.Service, l.Pid, l.FirstSeen))
		}
	}
	return violations
}
