package supervisord

import (
	"time"

	"github.com/gosv/gosv/config"
)

// Service is a program that supervisord runs.
type Service struct {
	Name string
	Path string // absolute
	Args []string
	Env  map[string]string

	Restart      config.Restart // autorestart: true, unexpected, false
	StartSecs    int            // startsecs: an end sooner than that is a start that failed; 0: none is
	StartRetries int            // startretries: such starts in a row, each a second later than the one before
	StopWait     time.Duration  // stopwaitsecs; whole seconds
}

// policy says in gosv's words what supervisord does with a service that has run for
// its startsecs.
func (s Service) policy() config.Service {
	svc := config.NewService(s.Name, s.Path, s.Args...)
	svc.Env, svc.Restart, svc.StopTimeout = s.Env, s.Restart, s.StopWait
	svc.MaxRestarts = config.Unlimited
	svc.Backoff = config.Backoff{Factor: 1, ResetAfter: time.Duration(s.StartSecs) * time.Second}
	return svc
}

// autorestart is the policy in supervisord's words.
func (s Service) autorestart() string {
	switch s.Restart {
	case config.RestartAlways:
		return "true"
	case config.RestartOnFailure:
		return "unexpected"
	}
	return "false"
}

// again reports whether supervisord starts a service again after an end.
func (s Service) again(expected bool) bool {
	return s.Restart == config.RestartAlways || s.Restart == config.RestartOnFailure && !expected
}
