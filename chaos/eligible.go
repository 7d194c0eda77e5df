package chaos

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Standing is how a service stands at the moment of a hit.
type Standing struct {
	Phase   string
	Attempt int           // consecutive restarts so far
	Ran     time.Duration // since its program was executed
}

// Refuse says why a service must not be hit now, so that a supervisor that keeps
// to its policy cannot be blamed; "": it may. A hit that is not lethal only needs a
// service that runs.
func Refuse(svc config.Service, s Standing, lethal, allowGiveUp bool) string {
	if s.Phase != lifecycle.Running.String() {
		return "it is " + s.Phase
	}
	if !lethal || allowGiveUp {
		return ""
	}
	if svc.Restart == config.RestartNever {
		return "it would not be restarted (restart is \"never\")"
	}
	attempt := s.Attempt
	if s.Ran >= svc.Backoff.ResetAfter {
		attempt = 0
	}
	if svc.MaxRestarts != config.Unlimited && attempt >= svc.MaxRestarts {
		return fmt.Sprintf("it would be its restart %d in a row, and max_restarts is %d", attempt+1, svc.MaxRestarts)
	}
	return ""
}
