package faultysup

import (
	"slices"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/sys"
)

// Fault is one fault that gosv chaos must detect.
type Fault struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Verdict     int    `json:"verdict"` // the number of the verdict that must fail

	wrap   func(sys.Kernel) sys.Kernel
	change func(*config.Service)
}

// Kernel returns the kernel as the faulty supervisor uses it.
func (f Fault) Kernel(k sys.Kernel) sys.Kernel {
	if f.wrap == nil {
		return k
	}
	return InJobs(f.wrap(k))
}

// Services returns the services as the faulty supervisor understands them.
func (f Fault) Services(services []config.Service) []config.Service {
	services = slices.Clone(services)
	if f.change != nil {
		for i := range services {
			f.change(&services[i])
		}
	}
	return services
}

// Catalogue lists the faults of the selftest.
var Catalogue = []Fault{
	{"lost-restart", "the third restart never happens", 5, LoseThirdRestart, nil},
	{"short-delay", "the clock runs 1.5 times too fast, so restart delays are too short", 4, RunClockFast, nil},
	{"leaked-orphan", "processes that leave their process group are forgotten", 8, IgnoreOrphans, nil},
	{"doubled-instance", "every restart starts the service twice", 2, StartTwice, nil},
	{"drop-signals", "the supervisor ignores signals that are sent to it", 7, DropSignals, nil},
	{"kill-restart", "the supervisor kills the first restart of each service", 3, KillFirstRestart, nil},
	{"lost-exit-status", "killed services are reported as exit status 0, and not restarted", 3, LoseExitStatus, func(s *config.Service) { s.Restart = config.RestartOnFailure }},
	{"wrong-exit-status", "every third exit is reported as exit status 0", 3, LoseEveryThirdExitStatus, nil},
	{"leaked-descriptor", "a descriptor stays open after every second exit", 8, LeakEverySecondHandle, nil},
	{"early-give-up", "a service is given up after one restart", 3, nil, func(s *config.Service) { s.MaxRestarts = 1 }},
	{"flat-backoff", "restart delays do not grow", 4, nil, func(s *config.Service) { s.Backoff.Factor = 1 }},
	{"no-grace", "a stopped service is killed at once", 7, nil, func(s *config.Service) { s.StopTimeout = 0 }},
	{"drop-stop-signals", "stop signals are not sent", 7, DropStopSignals, nil},
	{"early-reset", "the count of restarts in a row starts again after every run", 4, nil, func(s *config.Service) { s.Backoff.ResetAfter = 0 }},
}

// Find returns the fault with a name.
func Find(name string) (Fault, bool) {
	i := slices.IndexFunc(Catalogue, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return Fault{}, false
	}
	return Catalogue[i], true
}
