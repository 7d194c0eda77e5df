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
func (t *trial) stops(from time.Duration, a *answer) {
	for _, svc := range t.Services {
		end, ok := t.stopOf(svc.Name, from)
		if !ok {
			continue
		}
		life, seen := t.lifeOf(end)
		gone := end.At // or later than the main process, if that has left something
		if seen && life.Gone != 0 {
			gone = life.Gone
		}
		took, most := gone-from, svc.StopTimeout+killTime+t.rules.Slack
		switch killed := t.wasKilled(svc, end); {
		case killed && took < svc.StopTimeout:
			a.blame("%s: process %d was killed %v after everything was to end, and has %v for that (stop_timeout)", svc.Name, end.Pid, round(took), svc.StopTimeout)
		case killed && life.Mortal && svc.StopTimeout >= max(glance, t.rules.Slack): // it may have waited for a processor
			a.blame("%s: process %d was killed after %v, and SIG%s would have ended it at once: that was not sent", svc.Name, end.Pid, round(took), signame.Name(svc.StopSignal))
		case took > most && seen && life.Gone != 0:
			a.blame("%s: process %d took %v to end, and may take %v", svc.Name, end.Pid, round(took), most)
		}
	}
}

// stopOf is how a service was told to have stopped when everything was to: with its main
// process, or with what that had left.
func (t *trial) stopOf(service string, from time.Duration) (end Told, ok bool) {
	for _, e := range t.Told {
		ends := e.Cause == lifecycle.MainExited.String() || e.Cause == lifecycle.Emptied.String()
		if ends && e.Service == service && e.At >= from && e.From == lifecycle.Stopping.String() {
			return e, true
		}
	}
	return Told{}, false
}

// lifeOf is the last main process of a service that had the number.
func (t *trial) lifeOf(e Told) (life Life, seen bool) {
	for _, l := range t.livesOf(e.Service) {
		if l.Pid == e.Pid {
			life, seen = l, true
		}
	}
	return life, seen
}

// wasKilled tells whether a process was told to have ended by SIGKILL, and not of a
// fault or of its memory limit, which would be told, too, nor since that is its stop signal.
func (t *trial) wasKilled(svc config.Service, end Told) bool {
	if end.Outcome != "killed by SIGKILL" || svc.StopSignal == syscall.SIGKILL {
		return false
	}
	for _, d := range t.Hits {
		if d.Skipped == "" && d.Lethal && d.Service == end.Service && d.Pid == end.Pid {
			return false
		}
	}
	return true
}
