package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Standing is how a service stands at the moment of a hit.
type ServiceState struct {
	Phase      string
	Attempt    int           // consecutive restarts so far
	RunningFor time.Duration // since its program was executed
}

// Refuse says why a service must not be hit now, so that a supervisor that keeps
// to its policy cannot be blamed; "": it may. A hit that is not lethal only needs a
// service that runs.
func SkipReason(svc config.Service, s ServiceState, f Fault, allowGiveUp bool) string {
	if s.Phase != lifecycle.Running.String() {
		return "it is " + s.Phase
	}
	if !f.Lethal() || allowGiveUp {
		return ""
	}
	if svc.Restart == config.RestartNever {
		return "it would not be restarted (restart is \"never\")"
	}
	attempt := s.Attempt
	if s.RunningFor >= svc.Backoff.ResetAfter {
		attempt = 0
	}
	if last := attempt + f.cost(svc, attempt); svc.MaxRestarts != config.Unlimited && last > svc.MaxRestarts {
		return fmt.Sprintf("it would be its restart %d in a row, and max_restarts is %d", last, svc.MaxRestarts)
	}
	return ""
}

// MayEnd tells whether the policy of a service has it end for good by itself.
func MayExitForGood(svc config.Service) bool {
	return svc.Restart != config.RestartAlways
}

// reaction is how long chaos may take to see that a start failed.
const reactionTime = time.Second

// cost is how many restarts in a row a hit may take, counted no further than to
// what is too much.
func (f Fault) cost(svc config.Service, attempt int) int {
	cost := f.Restarts
	next := func() time.Duration { return lifecycle.Delay(svc.Backoff, attempt+cost, 0) }
	for wait := next(); f.FailsStarts && wait <= reactionTime && attempt+cost <= svc.MaxRestarts; wait += next() {
		cost++
	}
	return cost
}
