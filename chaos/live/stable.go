package live

import (
	"context"
	"fmt"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// stableTime is how long a main process must have run for its service to be stable.
const stableTime = time.Second

// awaitStable waits until every service is stable, for at most the given time.
func (r *run) awaitStable(ctx context.Context, atMost time.Duration) (failure string) {
	defer func() { r.waiting = "" }()
	for until := r.now() + atMost; ; r.wait(until) {
		r.waiting = r.whyUnstable()
		switch {
		case ctx.Err() != nil:
			return chaos.Interrupted
		case r.waiting == "":
			return ""
		case r.supervisorEnded():
			return "the supervisor ended; " + r.waiting
		case r.whyHopeless(until) != "":
			return r.whyHopeless(until)
		case r.now() >= until:
			return fmt.Sprintf("after %v, %s", atMost, r.waiting)
		}
	}
}

// whyUnstable says which service is not stable, and why, or returns "". A service that
// ended as its policy allows is stable.
func (r *run) whyUnstable() string {
	for _, svc := range r.h.Services {
		s, known := r.states[svc.Name]
		switch {
		case !known:
			return fmt.Sprintf("nothing was reported about %s", svc.Name)
		case s.To == lifecycle.Exited.String() && chaos.MayExitForGood(svc):
		case s.To == lifecycle.Failed.String() && r.AllowGiveUp && r.began(chaos.Faults):
		case s.To != lifecycle.Running.String():
			return fmt.Sprintf("%s is in state %s%s", svc.Name, s.To, inBrackets(s.Outcome))
		case !r.alive(s.Pid):
			return fmt.Sprintf("%s was reported to run as PID %d, which does not exist", svc.Name, s.Pid)
		case r.now()-s.since < stableTime:
			return fmt.Sprintf("%s has run for less than %v%s", svc.Name, stableTime, inBrackets(s.Outcome))
		case r.Probes[svc.Name] != nil && !r.serves(s.Pid):
			return fmt.Sprintf("%s runs as PID %d and does not serve yet: its probe does not succeed", svc.Name, s.Pid)
		}
	}
	return ""
}

// whyHopeless says which service can no longer become stable before an instant, and why, or
// returns "".
func (r *run) whyHopeless(until time.Duration) string {
	for _, svc := range r.h.Services {
		s := r.states[svc.Name]
		switch {
		case s.To == lifecycle.Failed.String() && !(r.AllowGiveUp && r.began(chaos.Faults)):
			return fmt.Sprintf("%s failed for good%s", svc.Name, inBrackets(s.Outcome))
		case s.To == lifecycle.Backoff.String() && s.Delay > stableTime && s.At+s.Delay+stableTime > until:
			return fmt.Sprintf("%s will be started again after %v%s, too late to become stable", svc.Name, s.Delay, inBrackets(s.Outcome))
		}
	}
	return ""
}

func inBrackets(outcome string) string {
	if outcome == "" {
		return ""
	}
	return " (" + outcome + ")"
}

func (r *run) began(p chaos.Phase) bool {
	for _, s := range r.h.Phases {
		if s.Phase == p {
			return true
		}
	}
	return false
}

// settleBound returns how long services may take to settle: the longest delay of any
// service, and the time that they may take to become stable.
func (r *run) settleBound() time.Duration {
	var longest time.Duration
	for _, svc := range r.h.Services {
		b := svc.Backoff
		longest = max(longest, b.Max+time.Duration(float64(b.Max)*b.Jitter))
	}
	return longest + r.WarmUp
}
