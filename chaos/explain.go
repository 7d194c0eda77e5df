package chaos

import (
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// wasTarget reports whether a fault was injected into a service.
func (t *judgement) wasTarget(service string) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool { return d.Service == service && d.Skipped == "" })
}

// processesOf returns the main processes of a service in the order of their starts,
// including those that ended before the observer could look.
func (t *judgement) processesOf(service string) []ProcessRecord {
	records := t.observedProcesses(service)
	seen := map[int]int{} // by PID, which may be used again
	for _, l := range records {
		seen[l.Pid]++
	}
	for _, e := range t.Events {
		if e.Service != service || e.To != lifecycle.Running.String() || e.From == e.To {
			continue
		}
		seen[e.Pid]--
		if end, ok := t.exitedUnobserved(e); ok && seen[e.Pid] < 0 {
			records = append(records, ProcessRecord{Service: service, Pid: e.Pid, FirstSeen: e.At, ExitedAt: end.At})
		}
	}
	slices.SortStableFunc(records, func(a, b ProcessRecord) int { return int(a.FirstSeen - b.FirstSeen) })
	return records
}

// checkExplained: each exit of a service between the first fault and the shutdown is
// explained by a fault or by its policy. If the service had ended by itself before
// the faults, an unexplained exit may be its own.
func (t *judgement) checkExplained(service string, a *findings) {
	records := t.processesOf(service)
	for i, l := range records {
		if !t.exitedDuringFaults(l) || t.isExplained(l) || i > 0 && t.explainsSuccessor(records[i-1]) || t.exitedForGood(l) {
			continue
		}
		switch {
		case t.hadFault(l):
			a.undecided("%s: PID %d ended at %v, long after a fault was injected into it: the fault may be the cause or not", service, l.Pid, l.ExitedAt)
		case t.exitedBeforeFaults(service):
			a.undecided("%s: PID %d ended at %v, and no fault explains that; the service had ended by itself before the faults, too", service, l.Pid, l.ExitedAt)
		default:
			a.violation("%s: PID %d ended at %v, and no fault explains that (a service that ends by design cannot be judged: leave it out)", service, l.Pid, l.ExitedAt)
		}
	}
}

// exitedDuringFaults reports whether a process ended after the faults began and before
// the shutdown.
func (t *judgement) exitedDuringFaults(l ProcessRecord) bool {
	faults, began := t.span(Faults)
	shutdown, over := t.span(Shutdown)
	return began && l.ExitedAt >= faults.From && (!over || l.ExitedAt < shutdown.From) && (!t.End.Early || l.ExitedAt < t.End.At)
}

// isExplained reports whether a fault explains the end of a process.
func (t *judgement) isExplained(l ProcessRecord) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool {
		return (faultHit(d, l) || t.limitHit(d, l)) && l.ExitedAt <= max(d.At, d.UndoneAt)+t.explanationTime(d)
	})
}

// limitHit reports whether a process ended while a limit on its service was in force. A
// limit outlives the process that it was set for.
func (t *judgement) limitHit(d Injection, l ProcessRecord) bool {
	return d.Skipped == "" && Catalogue[d.Fault].Limits && d.Service == l.Service && d.At <= l.ExitedAt && (d.UndoneAt == 0 || l.FirstSeen-l.UnseenFor <= d.UndoneAt)
}

// hadFault reports whether any fault was injected into a process.
func (t *judgement) hadFault(l ProcessRecord) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool { return faultHit(d, l) })
}

// faultHit reports whether a fault was injected into a process.
func faultHit(d Injection, l ProcessRecord) bool {
	return d.Skipped == "" && d.Service == l.Service && d.Pid == l.Pid && l.FirstSeen <= d.At && d.At <= l.ExitedAt
}

// explanationTime is how long after a fault, or after it was undone, the fault explains an
// exit. A program that handles a signal may take as long as it may take to stop.
func (t *judgement) explanationTime(d Injection) time.Duration {
	soon := 2*time.Second + t.rules.Slack
	if Catalogue[d.Fault].Lethal() {
		return max(soon, t.services[d.Service].StopTimeout)
	}
	return soon
}

// explainsSuccessor reports whether a fault in a process also ends the next process.
func (t *judgement) explainsSuccessor(before ProcessRecord) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool {
		f := Catalogue[d.Fault]
		return d.Skipped == "" && d.Service == before.Service && d.Pid == before.Pid && f.Restarts > 1 && !f.FailsStarts
	})
}

// exitedForGood reports whether the end of a process was reported as the end of a service
// whose policy allows that.
func (t *judgement) exitedForGood(l ProcessRecord) bool {
	return slices.ContainsFunc(t.Events, func(e Event) bool {
		over := e.To == lifecycle.Exited.String() || e.To == lifecycle.Failed.String()
		return over && e.Service == l.Service && e.Pid == l.Pid && MayExitForGood(t.services[l.Service])
	})
}

// exitedBeforeFaults reports whether a service ended by itself before the faults.
func (t *judgement) exitedBeforeFaults(service string) bool {
	faults, began := t.span(Faults)
	return slices.ContainsFunc(t.processesOf(service), func(l ProcessRecord) bool { return l.ExitedAt != 0 && (!began || l.ExitedAt < faults.From) })
}
