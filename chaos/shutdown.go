package chaos

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// shutdownUnknown says why the shutdown cannot be judged, or "".
func shutdownUnknown(t *judgement) string {
	if t.End.Hung && t.Aborted == Interrupted {
		return "the run was interrupted, so the supervisor was killed before it could end"
	}
	if t.End.Refused {
		return fmt.Sprintf("the supervisor ended with status %d: it cannot run here", t.End.Status)
	}
	return t.whyEndedByItself()
}

// checkShutdown: the supervisor ends within the longest stop_timeout and the time
// that KILL may take, and stops each service by its own signal and timeout.
func checkShutdown(t *judgement) (a findings) {
	s, ok := t.span(Shutdown)
	if !ok || t.End.Early {
		a.violation("the supervisor ended with status %d before it was asked to", t.End.Status)
		return a
	}
	var longest time.Duration
	for _, svc := range t.Services {
		longest = max(longest, svc.StopTimeout)
	}
	limit := longest + killTimeout + t.rules.Slack
	took := t.End.At - s.From
	switch {
	case t.End.Hung:
		a.violation("the supervisor did not end in %v and was killed", took)
	case took > limit:
		a.violation("the shutdown took %v, more than %v", took, limit)
	}
	if t.End.Status != 0 {
		a.violation("the supervisor ended with status %d", t.End.Status)
	}
	t.checkStops(s.From, &a)
	a.note("the shutdown took %v of at most %v", took.Round(time.Millisecond), limit)
	return a
}

// checkStops: each service gets its stop signal and its stop_timeout, and SIGKILL
// neither earlier nor much later.
func (t *judgement) checkStops(from time.Duration, a *findings) {
	var killed []string
	for _, svc := range t.Services {
		end, ok := t.reportedStop(svc.Name, from)
		if !ok {
			continue
		}
		if t.wasKilledByStop(svc, end) {
			killed = append(killed, fmt.Sprintf("%s (PID %d)", svc.Name, end.Pid))
		}
		t.checkStop(svc, end, from, a)
	}
	if len(killed) > 0 {
		a.note("killed, because they did not end within their stop_timeout: %s", strings.Join(killed, ", "))
	}
}

func (t *judgement) checkStop(svc config.Service, end Event, from time.Duration, a *findings) {
	record, seen := t.recordOf(end)
	ended := end.At // later than the main process, if other processes of the service outlived it
	if seen && record.ExitedAt != 0 {
		ended = record.ExitedAt
	}
	took, most := ended-from, svc.StopTimeout+killTimeout+t.rules.Slack
	switch killed := t.wasKilledByStop(svc, end); {
	case killed && took < svc.StopTimeout:
		a.violation("%s: PID %d was killed %v after the shutdown began; its stop_timeout is %v", svc.Name, end.Pid, round(took), svc.StopTimeout)
	case killed && record.DiesOnStopSignal && svc.StopTimeout >= max(briefLife, t.rules.Slack): // else it may have waited for a processor
		a.violation("%s: PID %d was killed after %v, and SIG%s would have ended it at once: the signal was not sent", svc.Name, end.Pid, round(took), signame.Name(svc.StopSignal))
	case took > most && seen && record.ExitedAt != 0:
		a.violation("%s: PID %d took %v to end, more than %v", svc.Name, end.Pid, round(took), most)
	}
}

// reportedStop returns the event that ended a service at the shutdown: the exit of its
// main process, or of the last process of the service if that was later.
func (t *judgement) reportedStop(service string, from time.Duration) (end Event, ok bool) {
	for _, e := range t.Events {
		ends := e.Cause == lifecycle.MainExited.String() || e.Cause == lifecycle.Emptied.String()
		if ends && e.Service == service && e.At >= from && e.From == lifecycle.Stopping.String() {
			return e, true
		}
	}
	return Event{}, false
}

// recordOf returns the last main process of a service with the PID of an event.
func (t *judgement) recordOf(e Event) (record ProcessRecord, seen bool) {
	for _, l := range t.observedProcesses(e.Service) {
		if l.Pid == e.Pid {
			record, seen = l, true
		}
	}
	return record, seen
}

// wasKilledByStop reports whether a process ended by a SIGKILL that the supervisor sent
// because the stop signal did not end it.
func (t *judgement) wasKilledByStop(svc config.Service, end Event) bool {
	status := end.Exit
	if record, seen := t.recordOf(end); seen && record.Exit.Known {
		status = record.Exit
	}
	return status.Signal == syscall.SIGKILL && svc.StopSignal != syscall.SIGKILL && !t.wasKilled(end.Service, end.Pid)
}
