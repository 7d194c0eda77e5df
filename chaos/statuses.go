package chaos

import (
	"slices"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkStatuses: each exit is reported with the status that the kernel reports to the
// observer, or, on a kernel that does not, with the signal of the fault that ended it.
//
// A supervisor that reports no status at all is not judged by it.
func (t *judgement) checkStatuses(service string, a *findings) {
	reports := slices.ContainsFunc(t.Events, func(e Event) bool { return e.Exit.Known })
	for _, e := range t.Events {
		if e.Service != service || e.Cause != lifecycle.MainExited.String() {
			continue
		}
		record, seen := t.recordAt(e)
		if !seen {
			continue
		}
		if want := t.trueStatus(record); want.Known && reports && want != e.Exit {
			a.violation("%s: PID %d ended with %v at %v, and was reported to have ended with %v", service, e.Pid, want, record.ExitedAt, e.Exit)
		}
	}
}

// recordAt returns the main process whose exit an event reports: the last one with its PID
// that was seen before.
func (t *judgement) recordAt(e Event) (record ProcessRecord, seen bool) {
	for _, l := range t.observedProcesses(e.Service) {
		if l.Pid == e.Pid && l.FirstSeen <= e.At {
			record, seen = l, true
		}
	}
	return record, seen
}

// trueStatus returns how a process ended, independently of the supervisor. A fault determines it
// only if it was the only one that was injected into the process.
func (t *judgement) trueStatus(l ProcessRecord) (status ExitStatus) {
	if l.Exit.Known {
		return l.Exit
	}
	n := 0
	for _, d := range t.Injections {
		if faultHit(d, l) {
			n++
			status = ExitStatus{Known: d.Lethal && d.Signal != 0, Signal: d.Signal}
		}
	}
	if n != 1 || l.ExitedAt == 0 {
		return ExitStatus{}
	}
	return status
}
