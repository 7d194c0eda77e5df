package chaos

import (
	"fmt"
	"slices"
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
	a.wrong = append(a.wrong, t.heardLate()...)
	a.wrong = append(a.wrong, t.seenLate()...)
	for _, r := range t.Recoveries() {
		a.show("%s: %d recoveries, beyond the schedule p50 %v, p95 %v, p99 %v, max %v",
			r.Service, len(r.Late), round(r.At(0.5)), round(r.At(0.95)), round(r.At(0.99)), round(r.At(1)))
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
			a.wrong = append(a.wrong, t.punctual(due, e)...)
		}
		if lie := s.count(e); lie != "" {
			a.blame("%s", lie)
		}
		switch e.To {
		case lifecycle.Backoff.String():
			n, floor := s.attempt+s.retries, time.Duration(0)
			if s.retries > 0 {
				floor = lifecycle.MinRetry
			}
			least, most := max(floor, lifecycle.Delay(svc.Backoff, n, 0)), max(floor, lifecycle.Delay(svc.Backoff, n, 1))
			if n > 0 && endsRun(e) && (e.Delay < least || e.Delay > most) {
				a.blame("%s: restart %d in a row was to wait %v, and its schedule says %v to %v", svc.Name, n, e.Delay, least, most)
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

// seenLate are processes that the observer, who looked for them, did not find until
// long after they were told to run. What the machine keeps from running it keeps from
// being seen.
func (t *trial) seenLate() (wrong []string) {
	for _, e := range t.Told {
		if e.To != lifecycle.Running.String() || e.From == e.To {
			continue
		}
		for _, l := range t.livesOf(e.Service) {
			if l.Pid != e.Pid || l.Gone != 0 && l.Gone < e.At {
				continue
			}
			since := l.First - l.Unseen
			if late := since - e.At; late > t.rules.Slack+e.Waited+t.stalled(e.At, since) {
				wrong = append(wrong, fmt.Sprintf("%s: process %d was told to run at %v, and was not there until %v later; %v are allowed", e.Service, e.Pid, e.At, late, t.rules.Slack))
			}
			break
		}
	}
	return wrong
}

// punctual: a start, or what failed of it, comes when its delay is over. What the
// supervisor waited for a processor, or was stopped, is not its own, nor what those
// waited whom it waited for.
func (t *trial) punctual(due, start Told) []string {
	waited, starved, stalled := start.At-due.At, max(0, start.starvedBy()-due.Starved)+start.Waited, t.stalled(due.At, start.At)
	switch {
	case waited < due.Delay:
		return []string{fmt.Sprintf("%s: its restart came %v after its end, before its delay of %v was over", due.Service, waited, due.Delay)}
	case waited > due.Delay+t.rules.Slack+starved+stalled:
		return []string{fmt.Sprintf("%s: its restart came %v after its end; its delay was %v, %v more are allowed, and the supervisor and the service waited %v for a processor, and it was stopped for %v",
			due.Service, waited, due.Delay, t.rules.Slack, starved, stalled)}
	}
	return nil
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

// Recovery is how late the restarts of one service were, in ascending order: the
// time from the hit to the replacement, without the delays that the schedule asked
// for and the time for which the supervisor was stopped.
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
				r.Late = append(r.Late, max(0, next.First-d.At-h.delays(d, next)-h.stalled(d.At, next.First)))
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

// delays are what the supervisor chose to wait after a hit, starts that failed
// included, until the next main process was seen.
func (h History) delays(d Done, next Life) (sum time.Duration) {
	for _, e := range h.Told {
		if e.Service == d.Service && e.To == lifecycle.Backoff.String() && e.From != e.To && e.At >= d.At && e.At < next.First {
			sum += e.Delay
		}
	}
	return sum
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
