package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// schedule: a restart comes exactly when its schedule says, never earlier, and
// later only by what the machine takes.
func schedule(t *trial) (wrong, shown []string) {
	for _, svc := range t.Services {
		policy := svc.Backoff
		var due Told // the last backoff
		for _, e := range t.Told {
			if e.Service != svc.Name {
				continue
			}
			if e.To == lifecycle.Backoff.String() {
				least, most := lifecycle.Delay(policy, e.Attempt, 0), lifecycle.Delay(policy, e.Attempt, 1)
				if e.Attempt > 0 && e.Cause == lifecycle.MainExited.String() && (e.Delay < least || e.Delay > most) {
					wrong = append(wrong, fmt.Sprintf("%s: restart %d in a row was to wait %v, and its schedule says %v to %v", svc.Name, e.Attempt, e.Delay, least, most))
				}
				due = e
				continue
			}
			if e.To == lifecycle.Running.String() && due.Service != "" {
				wrong = append(wrong, punctual(due, e, t.rules.Slack)...)
			}
			if e.To != lifecycle.Starting.String() {
				due = Told{}
			}
		}
	}
	wrong = append(wrong, t.tooSoon()...)
	for _, r := range t.Recoveries() {
		shown = append(shown, fmt.Sprintf("%s: %d recoveries, beyond the schedule p50 %v, p95 %v, p99 %v, max %v",
			r.Service, len(r.Late), round(r.At(0.5)), round(r.At(0.95)), round(r.At(0.99)), round(r.At(1))))
	}
	return wrong, shown
}

// tooSoon are replacements that the observer saw before their delay was over: the
// supervisor's clock may be wrong. An end is seen late by what the machine takes.
func (t *trial) tooSoon() (wrong []string) {
	for _, d := range t.Hits {
		if d.Skipped != "" || !d.Lethal {
			continue
		}
		delay := t.delayOf(d)
		if next, ok := t.successor(d); ok && next.First < d.At+delay {
			wrong = append(wrong, fmt.Sprintf("%s: process %d was hit at %v and replaced %v later, before its delay of %v was over", d.Service, d.Pid, d.At, next.First-d.At, delay))
		}
	}
	return wrong
}

// punctual: what the supervisor waited for a processor is not its own.
func punctual(due, running Told, slack time.Duration) []string {
	waited, starved := running.At-due.At, running.Starved-due.Starved
	switch {
	case waited < due.Delay:
		return []string{fmt.Sprintf("%s: its restart came %v after its end, before its delay of %v was over", due.Service, waited, due.Delay)}
	case waited > due.Delay+slack+starved:
		return []string{fmt.Sprintf("%s: its restart came %v after its end; its delay was %v, %v more are allowed, and the supervisor waited %v for a processor",
			due.Service, waited, due.Delay, slack, starved)}
	}
	return nil
}

// Recovery is how late the restarts of one service were, in ascending order: the
// time from the hit to the replacement, without the delay that the schedule asked
// for.
type Recovery struct {
	Service string
	Late    []time.Duration
}

// At gives a quantile; the nearest rank.
func (r Recovery) At(q float64) time.Duration {
	if len(r.Late) == 0 {
		return 0
	}
	return r.Late[min(len(r.Late)-1, int(q*float64(len(r.Late))))]
}

// Recoveries measures, for every lethal hit, how long the service was without a
// main process: by the observer and the hits, not by what the supervisor says.
func (h History) Recoveries() (all []Recovery) {
	for _, svc := range h.Services {
		r := Recovery{Service: svc.Name}
		for _, d := range h.Hits {
			if d.Service != svc.Name || d.Skipped != "" || !d.Lethal {
				continue
			}
			if next, ok := h.successor(d); ok {
				r.Late = append(r.Late, max(0, next.First-d.At-h.delayOf(d)))
			}
		}
		if len(r.Late) > 0 {
			slices.Sort(r.Late)
			all = append(all, r)
		}
	}
	return all
}

// successor is the main process after the one that was hit.
func (h History) successor(d Done) (next Life, ok bool) {
	for _, l := range h.Lives {
		if l.Service == d.Service && l.First > d.At && (!ok || l.First < next.First) {
			next, ok = l, true
		}
	}
	return next, ok
}

// delayOf is the delay that the supervisor chose after a hit.
func (h History) delayOf(d Done) time.Duration {
	for _, e := range h.Told {
		if e.Service == d.Service && e.Pid == d.Pid && e.To == lifecycle.Backoff.String() {
			return e.Delay
		}
	}
	return 0
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
