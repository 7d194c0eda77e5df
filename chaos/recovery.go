package chaos

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Recovery is how late the restarts of one service were, in ascending order: the
// time from the hit to the replacement, without the delays that the schedule asked
// for and the time for which the supervisor was stopped.
type Recovery struct {
	Service string
	Times   []time.Duration
}

// At gives a quantile by the nearest rank: the least that is not exceeded by a share q
// of all, from 0 to 1.
func (r Recovery) Quantile(q float64) time.Duration {
	if len(r.Times) == 0 {
		return 0
	}
	rank := math.Ceil(q*float64(len(r.Times)) - rounding)
	return r.Times[max(1, int(rank))-1]
}

// rounding is more than what the product of a share and a number is off by.
const rounding = 1e-9

// Recoveries measures, for every lethal hit, how long the service was without a
// main process: by the observer and the hits, not by what the supervisor says.
func (h History) Recoveries() (all []Recovery) {
	for _, svc := range h.Services {
		r := Recovery{Service: svc.Name}
		for _, d := range h.Injections {
			if d.Service != svc.Name || d.Skipped != "" || !d.Lethal {
				continue
			}
			if next, ok := h.successor(d); ok {
				r.Times = append(r.Times, max(0, next.FirstSeen-d.At-h.scheduledDelay(d, next)-h.supervisorStopped(d.At, next.FirstSeen)))
			}
		}
		if len(r.Times) > 0 {
			slices.Sort(r.Times)
			all = append(all, r)
		}
	}
	return all
}

// successor is the main process after the one that was hit.
func (h History) successor(d Injection) (next ProcessRecord, ok bool) {
	for _, l := range h.Processes {
		if l.Service == d.Service && l.FirstSeen > d.At && (!ok || l.FirstSeen < next.FirstSeen) {
			next, ok = l, true
		}
	}
	return next, ok
}

// delays are what the supervisor chose to wait after a hit, starts that failed
// included, until the next main process was seen.
func (h History) scheduledDelay(d Injection, next ProcessRecord) (sum time.Duration) {
	for _, e := range h.Events {
		if e.Service == d.Service && e.To == lifecycle.Backoff.String() && e.From != e.To && e.At >= d.At && e.At < next.FirstSeen {
			sum += e.Delay
		}
	}
	return sum
}

// slowest says of what the slowest recovery of a service was made up.
func (t *judgement) slowestRecovery(service string) string {
	var longest time.Duration
	var parts string
	for _, d := range t.Injections {
		if d.Service != service || d.Skipped != "" || !d.Lethal {
			continue
		}
		next, ok := t.successor(d)
		late := next.FirstSeen - d.At - t.scheduledDelay(d, next) - t.supervisorStopped(d.At, next.FirstSeen)
		if !ok || late < longest {
			continue
		}
		longest = late
		end, start := t.eventAfter(d, lifecycle.Backoff), t.eventAfter(d, lifecycle.Running)
		waited := max(0, start.starvedBy()-end.Starved) + start.Waited
		parts = fmt.Sprintf(" (its end was told %v after the hit; until its start was told it took %v beyond the delay, and %v more to be seen, when nobody had looked for %v; meanwhile the supervisor and the service waited %v for a processor; each step may take %v)",
			round(end.At-d.At), round(start.At-end.At-t.scheduledDelay(d, next)), round(next.FirstSeen-start.At), round(next.UnseenFor), round(waited), t.rules.Slack)
	}
	return parts
}

// toldAfter is when a service was first told to be something after a hit.
func (t *judgement) eventAfter(d Injection, p lifecycle.Phase) Event {
	for _, e := range t.Events {
		if e.Service == d.Service && e.At >= d.At && e.To == p.String() && e.From != e.To {
			return e
		}
	}
	return Event{}
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
