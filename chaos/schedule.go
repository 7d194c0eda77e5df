package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// schedule: a restart comes exactly when its schedule says, never earlier, and
// later only by what the machine takes.
func schedule(t *trial) (a answer) {
	for _, svc := range t.Services {
		t.delaysOf(svc, &a)
	}
	a.wrong = append(a.wrong, t.tooSoon()...)
	t.heardLate(&a)
	t.seenLate(&a)
	for _, r := range t.Recoveries() {
		line := fmt.Sprintf("%s: %s, beyond the schedule p50 %v, p95 %v, p99 %v, max %v",
			r.Service, Count(len(r.Late), "recovery", "recoveries"), round(r.At(0.5)), round(r.At(0.95)), round(r.At(0.99)), round(r.At(1)))
		if r.At(1) > t.rules.Slack {
			line += t.slowest(r.Service)
		}
		a.show("%s", line)
	}
	return a
}

// delaysOf follows the delays of one service. A start that the machine made fail is
// tried again without being counted, but later each time.
func (t *trial) delaysOf(svc config.Service, a *answer) {
	var due Told // the last backoff
	s := streak{svc: svc}
	for _, e := range t.Told {
		if e.Service != svc.Name {
			continue
		}
		starts := e.To == lifecycle.Running.String() || e.Cause == lifecycle.SpawnFailed.String()
		if starts && due.Service != "" {
			t.punctual(due, e, a)
		}
		if lie := s.count(e); lie != "" {
			a.blame("%s", lie)
		}
		switch e.To {
		case lifecycle.Backoff.String():
			n := s.attempt + s.retries
			least, most := delays(svc.Backoff, n)
			if s.retries > 0 {
				least, most = max(least, leastRetry), max(most, leastRetry)
			}
			if n > 0 && endsRun(e) && (e.Delay < least || e.Delay > most) {
				a.blame("%s: restart %d in a row was to wait %v, and its schedule says %v to %v", svc.Name, n, e.Delay, round(least), round(most))
			}
			due = e
		case lifecycle.Starting.String():
		default:
			due = Told{}
		}
	}
}

// endsRun tells whether an event begins a delay anew.
func endsRun(e Told) bool {
	return e.Cause == lifecycle.MainExited.String() || e.Cause == lifecycle.SpawnFailed.String()
}

// tooSoon are replacements that the observer saw before their delay was over: the
// supervisor's clock may be wrong. An end is seen late by what the machine takes.
func (t *trial) tooSoon() (wrong []string) {
	for _, d := range t.Hits {
		if d.Skipped != "" || !d.Lethal {
			continue
		}
		next, ok := t.successor(d)
		if !ok {
			continue
		}
		if delay := t.delays(d, next); next.First < d.At+delay {
			wrong = append(wrong, fmt.Sprintf("%s: process %d was hit at %v and replaced %v later, before its delay of %v was over", d.Service, d.Pid, d.At, next.First-d.At, delay))
		}
	}
	return wrong
}

// stalled is how long between two instants the supervisor could do nothing.
func (h History) stalled(from, to time.Duration) (sum time.Duration) {
	for _, d := range h.Hits {
		if !d.Stalls || d.Skipped != "" {
			continue
		}
		until := to // it was never undone
		if d.Until != 0 {
			until = min(to, d.Until)
		}
		sum += max(0, until-max(from, d.At))
	}
	return sum
}
