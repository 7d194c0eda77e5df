package chaos

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Recovery holds the recovery times of one service, ascending: from the fault until the
// replacement runs, or until it serves if it has a probe, without the delays of the
// schedule and without the time in which the supervisor was stopped.
type Recovery struct {
	Service string
	Times   []time.Duration
}

// MinQuantileSamples is how many samples it takes for percentiles to mean anything.
const MinQuantileSamples = 20

// Quantile returns a quantile by the nearest rank: the smallest time that a share q of
// all times does not exceed. q is from 0 to 1.
func (r Recovery) Quantile(q float64) time.Duration {
	if len(r.Times) == 0 {
		return 0
	}
	const rounding = 1e-9 // of the product
	rank := math.Ceil(q*float64(len(r.Times)) - rounding)
	return r.Times[max(1, int(rank))-1]
}

func (r Recovery) String() string {
	s := Count(len(r.Times), "recovery", "recoveries") + ", beyond the delay "
	if len(r.Times) >= MinQuantileSamples {
		s += fmt.Sprintf("p50 %v, p95 %v, p99 %v, ", round(r.Quantile(0.5)), round(r.Quantile(0.95)), round(r.Quantile(0.99)))
	}
	return s + fmt.Sprintf("max %v", round(r.Quantile(1)))
}

// Recoveries measures each recovery from a lethal fault, by the observer and the
// injections, not by what the supervisor reports.
func (h History) Recoveries() (all []Recovery) {
	for _, svc := range h.Services {
		r := Recovery{Service: svc.Name}
		for _, d := range h.Injections {
			if d.Service != svc.Name || d.Skipped != "" || !d.Lethal {
				continue
			}
			if next, ok := h.successor(d); ok {
				r.Times = append(r.Times, max(0, h.recoveryTime(d, next)))
			}
		}
		if len(r.Times) > 0 {
			slices.Sort(r.Times)
			all = append(all, r)
		}
	}
	return all
}

// recoveryTime returns how long after a fault the next process was back, beyond its delay.
func (h History) recoveryTime(d Injection, next ProcessRecord) time.Duration {
	back := max(next.FirstSeen, next.ServingAt)
	return back - d.At - h.scheduledDelay(d, next) - h.supervisorStopped(d.At, back)
}

// successor returns the main process after the one that a fault ended.
func (h History) successor(d Injection) (next ProcessRecord, ok bool) {
	for _, l := range h.Processes {
		if l.Service == d.Service && l.FirstSeen > d.At && (!ok || l.FirstSeen < next.FirstSeen) {
			next, ok = l, true
		}
	}
	return next, ok
}

// scheduledDelay returns the delays that the supervisor chose after a fault until the
// next main process was seen, failed starts included.
func (h History) scheduledDelay(d Injection, next ProcessRecord) (sum time.Duration) {
	for _, e := range h.Events {
		if e.Service == d.Service && e.To == lifecycle.Backoff.String() && e.From != e.To && e.At >= d.At && e.At < next.FirstSeen {
			sum += e.Delay
		}
	}
	return sum
}

// slowestRecovery describes the parts of the slowest recovery of a service.
func (t *judgement) slowestRecovery(service string) (parts string) {
	var longest time.Duration
	for _, d := range t.Injections {
		if d.Service != service || d.Skipped != "" || !d.Lethal {
			continue
		}
		next, ok := t.successor(d)
		late := t.recoveryTime(d, next)
		if !ok || late < longest {
			continue
		}
		longest = late
		exit, start := t.eventAfter(d, lifecycle.Backoff), t.eventAfter(d, lifecycle.Running)
		parts = fmt.Sprintf(" (the slowest: exit reported %v after the fault, start reported %v after its delay, observed %v later; the machine explains %v)",
			round(exit.At-d.At), round(start.At-exit.At-t.scheduledDelay(d, next)), round(next.FirstSeen-start.At), round(t.schedDelay(d.At, next.FirstSeen)))
	}
	return parts
}

// eventAfter returns the first report of a phase after a fault.
func (t *judgement) eventAfter(d Injection, p lifecycle.Phase) Event {
	for _, e := range t.Events {
		if e.Service == d.Service && e.At >= d.At && e.To == p.String() && e.From != e.To {
			return e
		}
	}
	return Event{}
}

// checkRecoveryTime: no recovery takes longer than the limit, and each service with a probe
// serves after its recovery.
func checkRecoveryTime(t *judgement) (a findings) {
	recoveries := t.Recoveries()
	for _, r := range recoveries {
		if slowest := r.Quantile(1); slowest > t.rules.MaxRecovery {
			a.violation("%s: a recovery took %v beyond its delay, more than %v", r.Service, round(slowest), t.rules.MaxRecovery)
		} else {
			a.note("%s: the slowest of %s took %v of at most %v", r.Service, Count(len(r.Times), "recovery", "recoveries"), round(slowest), t.rules.MaxRecovery)
		}
	}
	if len(recoveries) == 0 {
		a.undecided("no service recovered from a lethal fault, so no time was measured")
	}
	return a
}

// checkRegression: no recovery is much slower than in an earlier run.
func checkRegression(t *judgement) (a findings) {
	a.violations = t.rules.Regressions
	return a
}
