package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// ServiceState is the state of a service at the moment of an injection.
type ServiceState struct {
	Phase      string
	Attempt    int           // restarts in a row so far
	RunningFor time.Duration // since its program was executed
}

// SkipReason says why a fault must not be injected into a service now, or returns "". A
// supervisor that keeps to its policy must survive the fault. A fault that is not lethal
// only needs a service that runs.
func SkipReason(svc config.Service, s ServiceState, f Fault, allowGiveUp bool) string {
	if s.Phase != lifecycle.Running.String() {
		return InPhase(s.Phase)
	}
	if !f.Lethal() || allowGiveUp {
		return ""
	}
	if svc.Restart == config.RestartNever {
		return `it would not be restarted (restart is "never")`
	}
	attempt := s.Attempt
	if s.RunningFor >= svc.Backoff.ResetAfter {
		attempt = 0
	}
	if last := attempt + f.cost(svc, attempt); svc.MaxRestarts != config.Unlimited && last > svc.MaxRestarts {
		return fmt.Sprintf("it would have been restart %d in a row, and max_restarts is %d", last, svc.MaxRestarts)
	}
	return ""
}

// InPhase says for people that a service was not running.
func InPhase(phase string) string {
	switch phase {
	case "":
		return "it had not been started"
	case lifecycle.Backoff.String():
		return "it was in backoff"
	}
	return "it was " + phase
}

// MayExitForGood reports whether the policy of a service lets it end by itself.
func MayExitForGood(svc config.Service) bool {
	return svc.Restart != config.RestartAlways
}

// reactionTime is how long chaos may take to see that a start failed.
const reactionTime = time.Second

// cost returns how many restarts in a row a fault may cause. It stops counting when the
// policy is exceeded.
func (f Fault) cost(svc config.Service, attempt int) int {
	cost := f.Restarts
	next := func() time.Duration { return lifecycle.Delay(svc.Backoff, attempt+cost, 0) }
	for wait := next(); (f.FailsStarts || f.Limits) && wait <= reactionTime && attempt+cost <= svc.MaxRestarts; wait += next() {
		cost++
	}
	return cost
}
