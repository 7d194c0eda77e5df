package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkSchedule: each restart comes when its backoff says, never earlier, and later by no
// more than the slack and what the machine explains.
func checkSchedule(t *judgement) (a findings) {
	for _, svc := range t.Services {
		t.checkServiceDelays(svc, &a)
	}
	a.violations = append(a.violations, t.earlyReplacements()...)
	t.checkExitReports(&a)
	t.checkObservations(&a)
	for _, r := range t.Recoveries() {
		line := fmt.Sprintf("%s: %s", r.Service, r)
		if r.Quantile(1) > t.rules.Slack {
			line += t.slowestRecovery(r.Service)
		}
		a.note("%s", line)
	}
	return a
}

// checkServiceDelays checks the delays of one service. A start that the machine made fail
// is repeated without being counted, but later each time.
func (t *judgement) checkServiceDelays(svc config.Service, a *findings) {
	var backoff Event // the last one
	s := restartCounter{svc: svc}
	for _, e := range t.Events {
		if e.Service != svc.Name {
			continue
		}
		started := e.To == lifecycle.Running.String() || e.Cause == lifecycle.SpawnFailed.String()
		if started && backoff.Service != "" {
			t.checkStartDelay(backoff, e, a)
		}
		if contradiction := s.observe(e); contradiction != "" {
			a.violation("%s", contradiction)
		}
		switch e.To {
		case lifecycle.Backoff.String():
			checkBackoff(s, e, a)
			backoff = e
		case lifecycle.Starting.String():
		default:
			backoff = Event{}
		}
	}
}

// checkBackoff compares a delay with the schedule.
func checkBackoff(s restartCounter, e Event, a *findings) {
	n := s.attempt + s.retries
	least, most := delayRange(s.svc.Backoff, n)
	if s.retries > 0 {
		least, most = max(least, minRetryDelay), max(most, minRetryDelay)
	}
	if n > 0 && startsDelay(e) && (e.Delay < least || e.Delay > most) {
		a.violation("%s: restart %d in a row was delayed by %v; the schedule says %v to %v", s.svc.Name, n, e.Delay, round(least), round(most))
	}
}

// startsDelay reports whether an event begins a new delay.
func startsDelay(e Event) bool {
	return e.Cause == lifecycle.MainExited.String() || e.Cause == lifecycle.SpawnFailed.String()
}

// earlyReplacements finds processes that the observer saw before their delay was over: the
// supervisor's clock may be wrong.
func (t *judgement) earlyReplacements() (violations []string) {
	for _, d := range t.Injections {
		if d.Skipped != "" || !d.Lethal {
			continue
		}
		next, ok := t.successor(d)
		if !ok {
			continue
		}
		if delay := t.scheduledDelay(d, next); next.FirstSeen < d.At+delay {
			violations = append(violations, fmt.Sprintf("%s: PID %d was killed at %v and replaced %v later, before its delay of %v was over", d.Service, d.Pid, d.At, next.FirstSeen-d.At, delay))
		}
	}
	return violations
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
