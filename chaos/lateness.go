package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkDelay judges something that was due at one instant and happened at another. What
// the machine let others wait between these two is excused, and the time in which the
// supervisor was stopped by a fault. A machine that excuses too much decides nothing.
// unobserved is time in which the observer had not looked.
func (t *judgement) checkDelay(a *findings, what string, due, at, unobserved time.Duration) {
	stopped, waited := t.supervisorStopped(due, at), t.schedDelay(due, at)
	excess := at - due - stopped - t.rules.Slack
	switch {
	case excess > max(waited, unobserved):
		a.violation("%s; %v is allowed, the machine explains %v, and the supervisor was stopped for %v", what, t.rules.Slack, round(waited), stopped)
	case excess-unobserved > t.rules.maxExcuse():
		a.undecided("%s; %v is allowed, and the machine explains %v: on a machine this busy lateness cannot be judged (at most %v is excused; --slack allows more)", what, t.rules.Slack, round(waited), t.rules.maxExcuse())
	}
}

// maxExcuse is how late a supervisor may be, beyond the slack, because of the machine.
func (r Rules) maxExcuse() time.Duration { return max(20*r.Slack, 2*time.Second) }

// checkStartDelay: a start, or its failure, comes when its delay is over.
func (t *judgement) checkStartDelay(backoff, start Event, a *findings) {
	took := start.At - backoff.At
	if took < backoff.Delay {
		a.violation("%s: restarted %v after its exit, before its delay of %v was over", backoff.Service, took, backoff.Delay)
		return
	}
	what := fmt.Sprintf("%s: restarted %v after its exit; its delay was %v", backoff.Service, took, backoff.Delay)
	t.checkDelay(a, what, backoff.At+backoff.Delay, start.At, 0)
}

// checkObservations: the observer finds each process soon after it is reported to run.
func (t *judgement) checkObservations(a *findings) {
	for _, e := range t.Events {
		if e.To != lifecycle.Running.String() || e.From == e.To {
			continue
		}
		for _, l := range t.observedProcesses(e.Service) {
			if l.Pid != e.Pid || l.ExitedAt != 0 && l.ExitedAt < e.At {
				continue
			}
			what := fmt.Sprintf("%s: PID %d was reported to run at %v, and was observed %v later (the observer had not looked for %v)", e.Service, e.Pid, e.At, l.FirstSeen-e.At, round(l.UnseenFor))
			t.checkDelay(a, what, e.At, l.FirstSeen, l.UnseenFor)
			break
		}
	}
}
