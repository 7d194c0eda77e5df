package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// late judges something that came so much after it was due. What the supervisor waited
// for a processor, or was stopped, is not its own; but a machine that gives it none for
// too long proves nothing.
func (t *judgement) checkDelay(a *findings, what string, by, waited, stalled time.Duration) {
	excess := by - stalled - t.rules.Slack
	switch tooLong := t.rules.maxExcuse(); {
	case excess > waited:
		a.violation("%s; %v are allowed, and the supervisor and the service waited %v for a processor, and it was stopped for %v", what, t.rules.Slack, waited, stalled)
	case excess > tooLong:
		a.doubt("%s; %v are allowed, and the supervisor and the service waited %v for a processor: on a machine this busy nothing is known of lateness (at most %v are believed; --slack allows more)", what, t.rules.Slack, waited, tooLong)
	}
}

// believed is how long a supervisor may be late, beyond the slack, for want of a
// processor, before nothing can be said of it.
func (r Rules) maxExcuse() time.Duration { return max(20*r.Slack, 2*time.Second) }

// punctual: a start, or what failed of it, comes when its delay is over. What the
// supervisor waited for a processor, or was stopped, is not its own, nor what those
// waited whom it waited for.
func (t *judgement) checkStartDelay(due, start Event, a *findings) {
	took := start.At - due.At
	if took < due.Delay {
		a.violation("%s: its restart came %v after its end, before its delay of %v was over", due.Service, took, due.Delay)
		return
	}
	what := fmt.Sprintf("%s: its restart came %v after its end; its delay was %v", due.Service, took, due.Delay)
	t.checkDelay(a, what, took-due.Delay, max(0, start.starvedBy()-due.Starved)+start.Waited, t.supervisorStopped(due.At, start.At))
}

// seenLate are processes that the observer did not find until long after they were
// told to run, other than for want of a look.
func (t *judgement) checkObservations(a *findings) {
	for _, e := range t.Events {
		if e.To != lifecycle.Running.String() || e.From == e.To {
			continue
		}
		for _, l := range t.observedProcesses(e.Service) {
			if l.Pid != e.Pid || l.ExitedAt != 0 && l.ExitedAt < e.At {
				continue
			}
			what := fmt.Sprintf("%s: process %d was told to run at %v, and was seen %v later (nobody had looked for %v)", e.Service, e.Pid, e.At, l.FirstSeen-e.At, round(l.UnseenFor))
			t.checkDelay(a, what, l.FirstSeen-e.At, e.Waited+l.UnseenFor, t.supervisorStopped(e.At, l.FirstSeen))
			break
		}
	}
}
