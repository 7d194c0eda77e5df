package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// safety: what must hold at every moment, by the supervisor's own account and by
// what the observer saw.
func checkSafety(t *judgement) (a findings) {
	for _, l := range t.Processes {
		for _, other := range l.Overlapping {
			a.violation("%s had two main processes at %v: %d and %d", l.Service, l.FirstSeen, other, l.Pid)
		}
		for _, other := range l.Leftovers {
			a.violation("%s: process %d, of an earlier start, lived beside process %d of a later one", l.Service, other, l.Pid)
		}
	}
	phases := map[string]string{}
	restarts := map[string]int{}
	for _, e := range t.Events {
		if was, known := phases[e.Service]; known && was != e.From {
			a.violation("%s: told to leave %s at %v, and was last told to be %s: an event is missing", e.Service, e.From, e.At, was)
		}
		if e.Restarts < restarts[e.Service] || e.Restarts > restarts[e.Service]+1 {
			a.violation("%s: its restarts went from %d to %d at %v", e.Service, restarts[e.Service], e.Restarts, e.At)
		}
		phases[e.Service], restarts[e.Service] = e.To, e.Restarts
	}
	a.violations = append(a.violations, t.reportedButNotObserved()...)
	a.violations = append(a.violations, t.observedButNotReported()...)
	a.note("%s seen, %s told", Count(len(t.Processes), "main process was", "main processes were"), Count(len(t.Events), "event was", "events were"))
	return a
}

// unseen are processes that the supervisor told of and the observer, who looks
// for each, found to be none of the service's.
func (t *judgement) reportedButNotObserved() (wrong []string) {
	seen := map[string]map[int]bool{}
	for _, l := range t.Processes {
		if seen[l.Service] == nil {
			seen[l.Service] = map[int]bool{}
		}
		seen[l.Service][l.Pid] = true
	}
	for _, e := range t.Events {
		if e.To == lifecycle.Running.String() && !seen[e.Service][e.Pid] {
			if _, vanished := t.exitedUnobserved(e); vanished {
				continue
			}
			wrong = append(wrong, fmt.Sprintf("%s: told to run as %d at %v, which is no process of it", e.Service, e.Pid, e.At))
		}
	}
	return wrong
}

// glance is within what an observer has seen a process, on a machine that has better
// things to do. A supervisor that tells of processes that there never were is
// caught by those of which it says that they lived longer.
const briefLife = time.Second

// vanished: the process was told to have ended so soon that nobody could look, or
// while nobody ran.
func (t *judgement) exitedUnobserved(born Event) (end Event, ok bool) {
	for _, e := range t.Events {
		if e.Service == born.Service && e.Pid == born.Pid && e.Cause == lifecycle.MainExited.String() && e.At >= born.At && e.At-born.At <= max(briefLife, t.rules.Slack)+t.supervisorStopped(born.At, e.At)+max(0, e.starvedBy()-born.Starved) {
			return e, true
		}
	}
	return Event{}, false
}

// untold are main processes that the supervisor said nothing of.
func (t *judgement) observedButNotReported() (wrong []string) {
	told := map[string]map[int]bool{}
	for _, e := range t.Events {
		if told[e.Service] == nil {
			told[e.Service] = map[int]bool{}
		}
		told[e.Service][e.Pid] = true
	}
	for _, l := range t.Processes {
		if !told[l.Service][l.Pid] {
			wrong = append(wrong, fmt.Sprintf("%s: process %d was seen from %v on, and never told of", l.Service, l.Pid, l.FirstSeen))
		}
	}
	return wrong
}
