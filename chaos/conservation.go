package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// account is what the ends of main processes amount to. The ends and the restarts
// are the observer's; how the last end of each service was answered is told.
type balance struct {
	exits         int // main processes that ended
	restarts      int // main processes that came after another of their service
	gaveUp        int // services that were given up
	exitedForGood int // services that ended by themselves, as their policy allows
	stopped       int // services that were stopped at the shutdown
}

func (a balance) balanced() bool { return a.exits == a.restarts+a.gaveUp+a.exitedForGood+a.stopped }

func (a balance) String() string {
	return fmt.Sprintf("exits observed (%d) = restarts (%d) + give-ups (%d) + ends that the policy allows (%d) + ends at the shutdown (%d)", a.exits, a.restarts, a.gaveUp, a.exitedForGood, a.stopped)
}

func (a balance) plus(b balance) balance {
	return balance{a.exits + b.exits, a.restarts + b.restarts, a.gaveUp + b.gaveUp, a.exitedForGood + b.exitedForGood, a.stopped + b.stopped}
}

// conservation: every lethal fault ends a process, every end of a service that was
// hit has a fault that explains it, is told once, and is followed by a restart, a
// give-up or an end that the policy allows, or the shutdown.
func checkConservation(t *judgement) (a findings) {
	lethal := 0
	done, _ := t.injections()
	for _, d := range done {
		if !d.Lethal {
			continue
		}
		lethal++
		if !t.exitedAfter(d) {
			a.violation("%s: %s %s hit process %d at %v, which did not end", d.Service, d.Fault, d.Arg, d.Pid, d.At)
		}
	}
	var sum balance
	for _, svc := range t.Services {
		sum = sum.plus(t.balanceOf(svc, &a))
		t.checkReportedOnce(svc.Name, &a)
		t.checkReactions(svc, &a)
		if t.wasTarget(svc.Name) {
			t.checkExplained(svc.Name, &a)
		}
	}
	a.note("%s; %v", Count(lethal, "lethal fault", "lethal faults"), sum)
	return a
}

// endedOf tells whether the process that was hit ended after that. Its number may be
// another's later.
func (t *judgement) exitedAfter(d Injection) bool {
	return slices.ContainsFunc(t.Processes, func(l ProcessRecord) bool { return l.Service == d.Service && l.Pid == d.Pid && l.ExitedAt >= d.At })
}

// accountOf is that of one service.
func (t *judgement) balanceOf(svc config.Service, a *findings) (sum balance) {
	lives := t.processesOf(svc.Name)
	if len(lives) == 0 {
		return sum
	}
	sum.restarts = len(lives) - 1
	for _, l := range lives {
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
		a.violation("%s: its last end was followed by nothing: a restart is lost (%v)", svc.Name, sum)
	default:
		a.violation("%s: its account is not balanced: %v", svc.Name, sum)
	}
	return sum
}

// toldOnce: the end of each process is told, and no more than once.
func (t *judgement) checkReportedOnce(service string, a *findings) {
	ended, born := map[int]int{}, map[int]int{} // by number, which may come again
	for _, e := range t.Events {
		if e.Service == service && e.To == lifecycle.Running.String() && e.From != e.To {
			born[e.Pid]++
		}
		if e.Service == service && reportsExit(e) && (e.Cause == lifecycle.MainExited.String() || ended[e.Pid] == 0) {
			ended[e.Pid]++
		}
	}
	for pid, n := range ended {
		if n > max(1, born[pid]) {
			a.violation("%s: the end of process %d was told %d times", service, pid, n)
		}
	}
	for _, l := range t.observedProcesses(service) {
		if l.ExitedAt != 0 && ended[l.Pid] == 0 {
			a.violation("%s: process %d ended at %v, and that was never told", service, l.Pid, l.ExitedAt)
		}
	}
}

// answered: what follows an end is what the policy wants.
func (t *judgement) checkReactions(svc config.Service, a *findings) {
	s := restartCounter{svc: svc}
	for _, e := range t.Events {
		if e.Service != svc.Name || e.From == e.To {
			continue
		}
		s.observe(e)
		killed := e.Cause == lifecycle.MainExited.String() && t.wasKilled(svc.Name, e.Pid)
		switch e.To {
		case lifecycle.Backoff.String():
			switch most := svc.MaxRestarts; {
			case svc.Restart == config.RestartNever && e.Cause == lifecycle.MainExited.String():
				a.violation("%s: it is to be restarted at %v, and its policy is never to", svc.Name, e.At)
			case most != config.Unlimited && s.attempt > most:
				a.violation("%s: it is to be restarted at %v for the %d. time in a row (max_restarts is %d)", svc.Name, e.At, s.attempt, most)
			}
		case lifecycle.Failed.String():
			switch byPolicy := svc.Restart == config.RestartNever; {
			case byPolicy:
			case !s.exhausted(), !t.rules.AllowGiveUp && t.injectedBefore(e.At):
				a.violation("%s: given up at %v after %d restarts in a row (max_restarts is %d)", svc.Name, e.At, s.attempt, svc.MaxRestarts)
			}
		case lifecycle.Exited.String():
			switch {
			case !MayExitForGood(svc):
				a.violation("%s: told to have ended for good at %v, and its policy is to restart it: a restart is lost", svc.Name, e.At)
			case killed:
				a.violation("%s: told to have ended well at %v, and its process %d had been killed", svc.Name, e.At, e.Pid)
			}
		case lifecycle.Stopping.String(), lifecycle.Stopped.String():
			if s, told := t.span(Shutdown); !told || e.At < s.From {
				a.violation("%s: told to be %s at %v, before the shutdown: nobody asked for that", svc.Name, e.To, e.At)
			}
		}
	}
}

// struck tells whether a lethal fault was done to a process.
func (t *judgement) wasKilled(service string, pid int) bool {
	return slices.ContainsFunc(t.Injections, func(d Injection) bool {
		return d.Lethal && d.Skipped == "" && d.Service == service && d.Pid == pid
	})
}

// lastOf is what a service was last told to be.
func (h History) lastPhase(service string) (phase string) {
	for _, e := range h.Events {
		if e.Service == service {
			phase = e.To
		}
	}
	return phase
}

// hitBefore tells whether anything had been done by then: who gives a service up
// earlier has its own reasons.
func (t *judgement) injectedBefore(at time.Duration) bool {
	done, _ := t.injections()
	return slices.ContainsFunc(done, func(d Injection) bool { return d.At <= at })
}

// tellsEnd tells whether an event is the account of a main process's end: the exit
// itself, or, where others of its generation outlived it while it was being
// stopped, the end of the last of them. That comes after the exit where the stop came
// after it, too.
func reportsExit(e Event) bool {
	return e.Pid != 0 && (e.Cause == lifecycle.MainExited.String() ||
		e.Cause == lifecycle.Emptied.String() && e.From == lifecycle.Stopping.String())
}
