package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// balance counts the exits of main processes and what followed them. Exits and restarts
// are observed; what followed the last exit of each service is reported.
type balance struct {
	exits         int // main processes that ended
	restarts      int // main processes after the first of their service
	gaveUp        int // services that were given up
	exitedForGood int // services that ended, as their policy allows
	stopped       int // services that were stopped at the shutdown
}

func (a balance) balanced() bool {
	return a.exits == a.restarts+a.gaveUp+a.exitedForGood+a.stopped
}

func (a balance) String() string {
	return fmt.Sprintf("exits observed (%d) = restarts (%d) + services given up (%d) + ends that the policy allows (%d) + stops at the shutdown (%d)",
		a.exits, a.restarts, a.gaveUp, a.exitedForGood, a.stopped)
}

func (a balance) plus(b balance) balance {
	return balance{a.exits + b.exits, a.restarts + b.restarts, a.gaveUp + b.gaveUp, a.exitedForGood + b.exitedForGood, a.stopped + b.stopped}
}

// checkConservation: every lethal fault ended its process; every exit is reported once, with
// its true status, is explained by a fault, and is followed by what the policy requires.
func checkConservation(t *judgement) (a findings) {
	lethal := 0
	done, _ := t.injections()
	for _, d := range done {
		if !d.Lethal {
			continue
		}
		lethal++
		if !t.exitedAfter(d) {
			a.violation("%s: %s %s was injected into PID %d at %v, which did not end", d.Service, d.Fault, d.Arg, d.Pid, d.At)
		}
	}
	var sum balance
	for _, svc := range t.Services {
		sum = sum.plus(t.balanceOf(svc, &a))
		t.checkReportedOnce(svc.Name, &a)
		t.checkStatuses(svc.Name, &a)
		t.checkReactions(svc, &a)
		if t.wasTarget(svc.Name) {
			t.checkExplained(svc.Name, &a)
		}
	}
	a.note("%s; %v", Count(lethal, "lethal fault", "lethal faults"), sum)
	return a
}

// exitedAfter reports whether the process of an injection ended after it. Its PID may be
// used again later.
func (t *judgement) exitedAfter(d Injection) bool {
	return slices.ContainsFunc(t.Processes, func(l ProcessRecord) bool { return l.Service == d.Service && l.Pid == d.Pid && l.ExitedAt >= d.At })
}

// balanceOf counts for one service, and checks that its exits are accounted for.
func (t *judgement) balanceOf(svc config.Service, a *findings) (sum balance) {
	records := t.processesOf(svc.Name)
	if len(records) == 0 {
		return sum
	}
	sum.restarts = len(records) - 1
	for _, l := range records {
		if l.ExitedAt != 0 {
			sum.exits++
		}
	}
	switch last := t.lastPhase(svc.Name); {
	case last == lifecycle.Failed.String() && svc.Restart == config.RestartNever, last == lifecycle.Exited.String():
		sum.exitedForGood++
	case last == lifecycle.Failed.String():
		sum.gaveUp++
	case last == lifecycle.Stopped.String(), last == lifecycle.Stopping.String():
		sum.stopped++
	}
	switch crashed := t.End.Early && !t.EndedByItself(); {
	case sum.balanced(), crashed:
	case sum.exits == sum.restarts+1:
		a.violation("%s: nothing followed its last exit: a restart is lost (%v)", svc.Name, sum)
	default:
		a.violation("%s: exits and restarts do not balance: %v", svc.Name, sum)
	}
	return sum
}

// checkReportedOnce: the exit of each process is reported exactly once.
func (t *judgement) checkReportedOnce(service string, a *findings) {
	exits, starts := map[int]int{}, map[int]int{} // by PID, which may be used again
	for _, e := range t.Events {
		if e.Service == service && e.To == lifecycle.Running.String() && e.From != e.To {
			starts[e.Pid]++
		}
		if e.Service == service && reportsExit(e) && (e.Cause == lifecycle.MainExited.String() || exits[e.Pid] == 0) {
			exits[e.Pid]++
		}
	}
	for pid, n := range exits {
		if n > max(1, starts[pid]) {
			a.violation("%s: the exit of PID %d was reported %d times", service, pid, n)
		}
	}
	for _, l := range t.observedProcesses(service) {
		if l.ExitedAt != 0 && exits[l.Pid] == 0 {
			a.violation("%s: PID %d ended at %v, and that was never reported", service, l.Pid, l.ExitedAt)
		}
	}
}

// reportsExit reports whether an event reports the end of a main process: its exit, or,
// if other processes of its run outlived it while it was being stopped, the end of the
// last of them.
func reportsExit(e Event) bool {
	return e.Pid != 0 && (e.Cause == lifecycle.MainExited.String() ||
		e.Cause == lifecycle.Emptied.String() && e.From == lifecycle.Stopping.String())
}

// injectedBefore reports whether a fault was injected before an instant: what a supervisor
// gives up before that, it gives up for its own reasons.
func (t *judgement) injectedBefore(at time.Duration) bool {
	done, _ := t.injections()
	return slices.ContainsFunc(done, func(d Injection) bool { return d.At <= at })
}

// wasKilled reports whether a lethal fault was injected into a process.
func (t *judgement) wasKilled(service string, pid int) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool {
		return d.Lethal && d.Skipped == "" && d.Service == service && d.Pid == pid
	})
}
