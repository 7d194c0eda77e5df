package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// schedule: a restart comes exactly when its schedule says, never earlier, and
// later only by what the machine takes.
func checkSchedule(t *judgement) (a findings) {
	for _, svc := range t.Services {
		t.checkServiceDelays(svc, &a)
	}
	a.violations = append(a.violations, t.earlyReplacements()...)
	t.checkExitReports(&a)
	t.checkObservations(&a)
	for _, r := range t.Recoveries() {
		line := fmt.Sprintf("%s: %s, beyond the schedule p50 %v, p95 %v, p99 %v, max %v",
			r.Service, Count(len(r.Times), "recovery", "recoveries"), round(r.Quantile(0.5)), round(r.Quantile(0.95)), round(r.Quantile(0.99)), round(r.Quantile(1)))
		if r.Quantile(1) > t.rules.Slack {
			line += t.slowestRecovery(r.Service)
		}
		a.note("%s", line)
	}
	return a
}

// delaysOf follows the delays of one service. A start that the machine made fail is
// tried again without being counted, but later each time.
func (t *judgement) checkServiceDelays(svc config.Service, a *findings) {
	var due Event // the last backoff
	s := restartCounter{svc: svc}
	for _, e := range t.Events {
		if e.Service != svc.Name {
			continue
		}
		starts := e.To == lifecycle.Running.String() || e.Cause == lifecycle.SpawnFailed.String()
		if starts && due.Service != "" {
			t.checkStartDelay(due, e, a)
		}
		if lie := s.observe(e); lie != "" {
			a.violation("%s", lie)
		}
		switch e.To {
		case lifecycle.Backoff.String():
			n := s.attempt + s.retries
			least, most := delayRange(svc.Backoff, n)
			if s.retries > 0 {
				least, most = max(least, minRetryDelay), max(most, minRetryDelay)
			}
			if n > 0 && startsDelay(e) && (e.Delay < least || e.Delay > most) {
				a.violation("%s: restart %d in a row was to wait %v, and its schedule says %v to %v", svc.Name, n, e.Delay, round(least), round(most))
			}
			due = e
		case lifecycle.Starting.String():
		default:
			due = Event{}
		}
	}
}

// endsRun tells whether an event begins a delay anew.
func startsDelay(e Event) bool {
	return e.Cause == lifecycle.MainExited.String() || e.Cause == lifecycle.SpawnFailed.String()
}

// tooSoon are replacements that the observer saw before their delay was over: the
// supervisor's clock may be wrong. An end is seen late by what the machine takes.
func (t *judgement) earlyReplacements() (wrong []string) {
	for _, d := range t.Injections {
		if d.Skipped != "" || !d.Lethal {
			continue
		}
		next, ok := t.successor(d)
		if !ok {
			continue
		}
		if delay := t.scheduledDelay(d, next); next.FirstSeen < d.At+delay {
			wrong = append(wrong, fmt.Sprintf("%s: process %d was hit at %v and replaced %v later, before its delay of %v was over", d.Service, d.Pid, d.At, next.FirstSeen-d.At, delay))
		}
	}
	return wrong
}

// stalled is how long between two instants the supervisor could do nothing.
func (h History) supervisorStopped(from, to time.Duration) (sum time.Duration) {
	for _, d := range h.Injections {
		if !d.StopsSupervisor || d.Skipped != "" {
			continue
		}
		until := to // it was never undone
		if d.UndoneAt != 0 {
			until = min(to, d.UndoneAt)
		}
		sum += max(0, until-max(from, d.At))
	}
	return sum
}
