package chaos

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// stops: when everything is to end each service has its stop signal and its
// stop_timeout, and SIGKILL neither sooner nor much later.
func (t *judgement) checkStops(from time.Duration, a *findings) {
	for _, svc := range t.Services {
		end, ok := t.reportedStop(svc.Name, from)
		if !ok {
			continue
		}
		life, seen := t.recordOf(end)
		gone := end.At // or later than the main process, if that has left something
		if seen && life.ExitedAt != 0 {
			gone = life.ExitedAt
		}
		took, most := gone-from, svc.StopTimeout+killTimeout+t.rules.Slack
		switch killed := t.wasKilledByStop(svc, end); {
		case killed && took < svc.StopTimeout:
			a.violation("%s: process %d was killed %v after everything was to end, and has %v for that (stop_timeout)", svc.Name, end.Pid, round(took), svc.StopTimeout)
		case killed && life.DiesOnStopSignal && svc.StopTimeout >= max(briefLife, t.rules.Slack): // it may have waited for a processor
			a.violation("%s: process %d was killed after %v, and SIG%s would have ended it at once: that was not sent", svc.Name, end.Pid, round(took), signame.Name(svc.StopSignal))
		case took > most && seen && life.ExitedAt != 0:
			a.violation("%s: process %d took %v to end, and may take %v", svc.Name, end.Pid, round(took), most)
		}
	}
}

// stopOf is how a service was told to have stopped when everything was to: with its main
// process, or with what that had left.
func (t *judgement) reportedStop(service string, from time.Duration) (end Event, ok bool) {
	for _, e := range t.Events {
		ends := e.Cause == lifecycle.MainExited.String() || e.Cause == lifecycle.Emptied.String()
		if ends && e.Service == service && e.At >= from && e.From == lifecycle.Stopping.String() {
			return e, true
		}
	}
	return Event{}, false
}

// lifeOf is the last main process of a service that had the number.
func (t *judgement) recordOf(e Event) (life ProcessRecord, seen bool) {
	for _, l := range t.observedProcesses(e.Service) {
		if l.Pid == e.Pid {
			life, seen = l, true
		}
	}
	return life, seen
}

// wasKilled tells whether a process was told to have ended by SIGKILL, and not of a
// fault or of its memory limit, which would be told, too, nor since that is its stop signal.
func (t *judgement) wasKilledByStop(svc config.Service, end Event) bool {
	if end.Outcome != "killed by SIGKILL" || svc.StopSignal == syscall.SIGKILL {
		return false
	}
	for _, d := range t.Injections {
		if d.Skipped == "" && d.Lethal && d.Service == end.Service && d.Pid == end.Pid {
			return false
		}
	}
	return true
}
