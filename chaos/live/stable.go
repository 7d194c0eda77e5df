package live

import (
	"context"
	"fmt"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// steadyTime is how long a main process must have run for its service to be
// called steady.
const stableTime = time.Second

// steady waits until every service is steady, as long as that can be.
func (r *run) awaitStable(ctx context.Context, patience time.Duration) (failure string) {
	defer func() { r.waiting = "" }()
	for until := r.now() + patience; ; r.wait(until) {
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
			return fmt.Sprintf("after %v, %s", patience, r.waiting)
		}
	}
}

// unsteady says which service is not steady, and why; "": every one is. A service
// that ended as its policy wants it is steady.
func (r *run) whyUnstable() string {
	for _, svc := range r.h.Services {
		s, known := r.states[svc.Name]
		switch {
		case !known:
			return fmt.Sprintf("nothing was told of %s", svc.Name)
		case s.To == lifecycle.Exited.String() && chaos.MayExitForGood(svc):
		case s.To == lifecycle.Failed.String() && r.AllowGiveUp && r.began(chaos.Faults):
		case s.To != lifecycle.Running.String():
			return fmt.Sprintf("%s is %s%s", svc.Name, s.To, because(s.Outcome))
		case !r.alive(s.Pid):
			return fmt.Sprintf("process %d of %s, which was told to run, is not there", s.Pid, svc.Name)
		case r.now()-s.since < stableTime:
			return fmt.Sprintf("%s has run for less than %v%s", svc.Name, stableTime, because(s.Outcome))
		}
	}
	return ""
}

// hopeless says which service can no longer become steady until an instant, and why;
// "": every one may.
func (r *run) whyHopeless(until time.Duration) string {
	for _, svc := range r.h.Services {
		s := r.states[svc.Name]
		switch {
		case s.To == lifecycle.Failed.String() && !(r.AllowGiveUp && r.began(chaos.Faults)):
			return fmt.Sprintf("%s is %s for good%s: it cannot become steady", svc.Name, s.To, because(s.Outcome))
		case s.To == lifecycle.Backoff.String() && s.Delay > stableTime && s.At+s.Delay+stableTime > until:
			return fmt.Sprintf("%s is to be started again after %v%s: that is too late to become steady", svc.Name, s.Delay, because(s.Outcome))
		}
	}
	return ""
}

func because(outcome string) string {
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

// patience is how long services may take to settle: the longest delay of any,
// and what they may take to become steady.
func (r *run) settleBound() time.Duration {
	var longest time.Duration
	for _, svc := range r.h.Services {
		b := svc.Backoff
		longest = max(longest, b.Max+time.Duration(float64(b.Max)*b.Jitter))
	}
	return longest + r.WarmUp
}
