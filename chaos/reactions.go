package chaos

import (
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkReactions: what follows each exit of a service is what its policy requires.
func (t *judgement) checkReactions(svc config.Service, a *findings) {
	s := restartCounter{svc: svc}
	for _, e := range t.Events {
		if e.Service != svc.Name || e.From == e.To {
			continue
		}
		s.observe(e)
		switch e.To {
		case lifecycle.Backoff.String():
			t.checkRestart(svc, s, e, a)
		case lifecycle.Failed.String():
			byPolicy := svc.Restart == config.RestartNever
			if !byPolicy && (!s.exhausted() || !t.rules.AllowGiveUp && t.injectedBefore(e.At)) {
				a.violation("%s: given up at %v after %d restarts in a row (max_restarts is %d)", svc.Name, e.At, s.attempt, svc.MaxRestarts)
			}
		case lifecycle.Exited.String():
			t.checkExitedForGood(svc, e, a)
		case lifecycle.Stopping.String(), lifecycle.Stopped.String():
			if s, began := t.span(Shutdown); !began || e.At < s.From {
				a.violation("%s: reported as %s at %v, before the shutdown: no stop was requested", svc.Name, e.To, e.At)
			}
		}
	}
}

func (t *judgement) checkRestart(svc config.Service, s restartCounter, e Event, a *findings) {
	switch most := svc.MaxRestarts; {
	case svc.Restart == config.RestartNever && e.Cause == lifecycle.MainExited.String():
		a.violation("%s: it is to be restarted at %v, although its policy is never to restart", svc.Name, e.At)
	case most != config.Unlimited && s.attempt > most:
		a.violation("%s: it is to be restarted at %v for the %d. time in a row (max_restarts is %d)", svc.Name, e.At, s.attempt, most)
	}
}

func (t *judgement) checkExitedForGood(svc config.Service, e Event, a *findings) {
	switch {
	case !MayExitForGood(svc):
		a.violation("%s: reported to have ended for good at %v, although its policy is to restart: a restart is lost", svc.Name, e.At)
	case e.Cause == lifecycle.MainExited.String() && t.wasKilled(svc.Name, e.Pid):
		a.violation("%s: reported to have ended well at %v, although its PID %d had been killed", svc.Name, e.At, e.Pid)
	}
}
