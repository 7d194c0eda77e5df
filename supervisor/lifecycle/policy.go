package lifecycle

import (
	"math"
	"time"

	"github.com/gosv/gosv/config"
)

// Never is the deadline of a state that waits for events only.
const Never = time.Duration(math.MaxInt64)

// Policy is what the operator laid down for a service. It does not change
// while the service runs.
type Policy struct {
	Restart      config.Restart
	MaxRestarts  int // consecutive ones; 0 none, config.Unlimited
	Backoff      config.Backoff
	StartTimeout time.Duration // from the request to the successful exec
	StopTimeout  time.Duration // from the stop signal to KILL
	KillWait     time.Duration // from KILL until the service is called unkillable
	// FailFast makes a first start final that fails because of the program:
	// who typed a wrong name does not want it tried again.
	FailFast bool
}

// KillWait is how long gosv waits for the effect of SIGKILL before it says that
// a process cannot be killed (D state, for instance).
const KillWait = 5 * time.Second

// PolicyOf takes the policy out of a service's configuration.
func PolicyOf(s config.Service) Policy {
	return Policy{
		Restart: s.Restart, MaxRestarts: s.MaxRestarts, Backoff: s.Backoff,
		StartTimeout: s.StartTimeout, StopTimeout: s.StopTimeout, KillWait: KillWait,
	}
}

// Delay is how long to wait before the n-th consecutive start, n from 1, with
// the jitter draw u in [0,1): Initial x Factor^(n-1), at most Max, and then up
// to Jitter of that more. It is never shorter than without jitter.
func Delay(b config.Backoff, n int, u float64) time.Duration {
	if b.Initial == 0 {
		return 0 // 0 x infinity is not a number: Factor^n overflows a float in the end
	}
	d := b.Max
	// Compared as floats: the power may be far beyond what a Duration holds.
	if f := float64(b.Initial) * math.Pow(b.Factor, float64(n-1)); f < float64(b.Max) {
		d = time.Duration(f)
	}
	extra := float64(d) * b.Jitter * u
	if extra >= float64(Never-d) {
		return Never
	}
	return d + time.Duration(extra)
}

// wantsRestart reports whether the policy starts a service again after this end,
// the limit aside.
func (p Policy) wantsRestart(o Outcome) bool {
	switch {
	case o.Final, p.Restart == config.RestartNever:
		return false
	case p.Restart == config.RestartOnFailure:
		return !o.Success()
	}
	return true
}

// exhausted reports whether no further consecutive restart is allowed.
func (p Policy) exhausted(attempt int) bool {
	return p.MaxRestarts != config.Unlimited && attempt >= p.MaxRestarts
}
