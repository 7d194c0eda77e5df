package chaos

import (
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// wasHit tells whether a fault was done to a service.
func (t *judgement) wasTarget(service string) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool { return d.Service == service && d.Skipped == "" })
}

// allLivesOf are the main processes of a service in the order of their births, with
// those that ended before anybody could look.
func (t *judgement) processesOf(service string) []ProcessRecord {
	lives := t.observedProcesses(service)
	seen := map[int]int{} // by number, which may come again
	for _, l := range lives {
		seen[l.Pid]++
	}
	for _, e := range t.Events {
		if e.Service != service || e.To != lifecycle.Running.String() || e.From == e.To {
			continue
		}
		seen[e.Pid]--
		if end, ok := t.exitedUnobserved(e); ok && seen[e.Pid] < 0 {
			lives = append(lives, ProcessRecord{Service: service, Pid: e.Pid, FirstSeen: e.At, ExitedAt: end.At})
		}
	}
	slices.SortStableFunc(lives, func(a, b ProcessRecord) int { return int(a.FirstSeen - b.FirstSeen) })
	return lives
}

// explain finds the ends of a service between the first fault and the shutdown that
// no fault has caused and its policy does not take for the end of its work. Only of a
// service that had ended by itself before anything was done to it can they be its own.
func (t *judgement) checkExplained(service string, a *findings) {
	lives := t.processesOf(service)
	for i, l := range lives {
		if !t.exitedDuringFaults(l) || t.isExplained(l) || i > 0 && t.explainsSuccessor(lives[i-1]) || t.exitedForGood(l) {
			continue
		}
		if t.hadFault(l) {
			a.doubt("%s: process %d ended at %v, long after what was done to it: whether of that is not known", service, l.Pid, l.ExitedAt)
			continue
		}
		if t.exitedBeforeFaults(service) {
			a.doubt("%s: process %d ended at %v, which no fault explains; it had ended by itself before the faults, too", service, l.Pid, l.ExitedAt)
			continue
		}
		a.violation("%s: process %d ended at %v, and no fault explains that (a service that ends by itself by design cannot be judged: leave it out)", service, l.Pid, l.ExitedAt)
	}
}

// amidFaults tells whether a process ended after the faults began and before
// everything was to end.
func (t *judgement) exitedDuringFaults(l ProcessRecord) bool {
	faults, began := t.span(Faults)
	shutdown, over := t.span(Shutdown)
	return began && l.ExitedAt >= faults.From && (!over || l.ExitedAt < shutdown.From) && (!t.End.Early || l.ExitedAt < t.End.At)
}

// isCaused tells whether a process ended of a fault that was done to its service while it
// was the main one.
func (t *judgement) isExplained(l ProcessRecord) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool {
		return faultHit(d, l) && l.ExitedAt <= max(d.At, d.UndoneAt)+t.explanationTime(d)
	})
}

// wasStruck tells whether anything was done to a process before its end.
func (t *judgement) hadFault(l ProcessRecord) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool { return faultHit(d, l) })
}

func faultHit(d Injection, l ProcessRecord) bool {
	return d.Skipped == "" && d.Service == l.Service && d.Pid == l.Pid && l.FirstSeen <= d.At && d.At <= l.ExitedAt
}

// aftereffect is how long after a fault, and after it was undone, an end is of it for sure.
// A program that handles a signal may take what it may take to stop; what is held up
// for a while fails at something soon, or not of that.
func (t *judgement) explanationTime(d Injection) time.Duration {
	soon := 2*time.Second + t.rules.Slack
	if Catalogue[d.Fault].Lethal() {
		return max(soon, t.services[d.Service].StopTimeout)
	}
	return soon
}

// isAftermath tells whether a fault that was done to a process has the next one end,
// too.
func (t *judgement) explainsSuccessor(before ProcessRecord) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool {
		f := Catalogue[d.Fault]
		return d.Skipped == "" && d.Service == before.Service && d.Pid == before.Pid && f.Restarts > 1 && !f.FailsStarts
	})
}

// completes tells whether the end of a process was told to be the end of a service
// that may end.
func (t *judgement) exitedForGood(l ProcessRecord) bool {
	return slices.ContainsFunc(t.Events, func(e Event) bool {
		over := e.To == lifecycle.Exited.String() || e.To == lifecycle.Failed.String()
		return over && e.Service == l.Service && e.Pid == l.Pid && MayExitForGood(t.services[l.Service])
	})
}

// endedBefore tells whether a service had ended by itself before anything was done to
// any.
func (t *judgement) exitedBeforeFaults(service string) bool {
	faults, began := t.span(Faults)
	return slices.ContainsFunc(t.processesOf(service), func(l ProcessRecord) bool { return l.ExitedAt != 0 && (!began || l.ExitedAt < faults.From) })
}
