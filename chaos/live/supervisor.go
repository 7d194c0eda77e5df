package live

import (
	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// The mark: variables that stand in the environment of every process of every
// service, and not in the supervisor's own.
const (
	MarkRun     = "GOSV_CHAOS"         // the identifier of the run
	MarkService = "GOSV_CHAOS_SERVICE" // the name of the service
)

// Helper stands for the identifier of a run in the environment of what a supervisor
// runs for itself. A child of its without any mark was adopted, and is taken for what a
// service has left behind.
const Helper = "helper"

// Supervisor is what is judged. Its methods are called by one goroutine, save Main.
type Supervisor interface {
	// Services are what it runs, with their policies.
	Services() []config.Service
	// Start starts it, with the mark of this run in the environment of every
	// service. [CannotRun] says that this machine lacks something.
	Start(run string) error
	Pid() int
	// Told gives every change of a service that the supervisor tells, in order, with
	// instants of CLOCK_MONOTONIC. It is closed when nothing more can come.
	Events() <-chan chaos.Event
	// Main tells whether a marked process is the main process of its service: the
	// one that the supervisor itself started. It is called by other goroutines, by one at a
	// time.
	Main(Process) bool
	// Cgroup is the directory that was made for it alone; "": it has none.
	Cgroup() string
	// Stop tells it to stop all services and to end, as an operator would.
	Stop() error
	// Kill ends it at once.
	Kill()
	// Ended is closed when it has ended; Status is then as of a shell.
	Ended() <-chan struct{}
	Status() int
	// Output is the last of what it wrote, for people.
	Output() string
	// Close removes what Start made, and gives what the supervisor left there.
	Close() []chaos.Leak
}

// Preparer is a supervisor that is started in another way where the faults of a
// plan need it.
type Preparer interface {
	// Prepare is called before Start.
	Prepare(chaos.Plan)
}

// Refuser is a supervisor that says by its status that it cannot run here.
type Refuser interface {
	// Refused is called when it has ended.
	Refused() bool
}

// CannotRun is why this machine cannot run it.
type CannotRun struct{ Err error }

func (e CannotRun) Error() string { return e.Err.Error() }
func (e CannotRun) Unwrap() error { return e.Err }
