package live

import (
	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// The mark: variables in the environment of every process of every service, but not of
// the supervisor itself.
const (
	MarkRun     = "GOSV_CHAOS"         // the identifier of the run
	MarkService = "GOSV_CHAOS_SERVICE" // the name of the service
)

// Helper is the value of MarkRun for processes that a supervisor runs for itself. Children
// of the supervisor without any mark count as left behind by a service.
const Helper = "helper"

// Supervisor is the supervisor that is judged. One goroutine calls its methods, except
// Main.
type Supervisor interface {
	// Services returns the services with their policies.
	Services() []config.Service
	// Start starts the supervisor, with the mark of the run in the environment of every
	// service. An error of type [CannotRun] says what this machine lacks.
	Start(run string) error
	Pid() int
	// Events returns every change of a service that the supervisor reports, in order,
	// with instants of CLOCK_MONOTONIC. It is closed when there can be no more.
	Events() <-chan chaos.Event
	// Main reports whether a process with the mark is the main process of its service: the
	// one that the supervisor itself started. Another goroutine calls it.
	Main(Process) bool
	// Cgroup returns the directory of the cgroup that was made for it, or "".
	Cgroup() string
	// Stop asks it to stop all services and to end, as an operator would.
	Stop() error
	// Kill ends it at once.
	Kill()
	// Ended is closed when it has ended. Then Status is its status as a shell shows it.
	Ended() <-chan struct{}
	Status() int
	// Output returns the last part of what it wrote, for people.
	Output() string
	// Close removes what Start made, and returns what the supervisor left there.
	Close() []chaos.Leak
}

// Preparer is a supervisor that has to be started in another way for some faults.
type Preparer interface {
	// Prepare is called before Start.
	Prepare(chaos.Plan)
}

// Refuser is a supervisor whose status can say that it cannot run here.
type Refuser interface {
	// Refused is called when it has ended.
	Refused() bool
}

// CannotRun says why this machine cannot run the supervisor.
type CannotRun struct{ Err error }

func (e CannotRun) Error() string { return e.Err.Error() }
func (e CannotRun) Unwrap() error { return e.Err }
