package control

import (
	"context"
	"time"

	"github.com/gosv/gosv/control/api"
)

// View says what a reader of services wants to see. Everything else is left out.
type View struct {
	Spec    bool // the configuration
	Secrets bool // with the values of env
	Usage   bool // memory and CPU time
	Exits   bool // more than the last exit
}

// Command is one command for one service, or for gosv itself (Shutdown).
type Command struct {
	Verb      api.Verb
	Service   string
	Signal    string // of the verb signal; a known name
	Operation string
}

// Backend is the supervisor as this package sees it. Its methods may be called
// from any goroutine, return at once and do not wait for the loop.
type Backend interface {
	// Names lists the services in the order of the configuration.
	Names() []string
	// Services reads what is published of these services, in this order. Names
	// that no longer exist are left out. What it returns reflects at least every
	// event that was in the ring before the call.
	Services(names []string, view View) []api.Service
	// Submit puts a command into the supervisor's queue. When the supervisor has
	// carried it out, a command event with the operation's ID enters the ring.
	Submit(Command) error
	// Started is when gosv began, Version its version.
	Started() time.Time
	Version() string
}

// Logs holds the last lines that services wrote.
type Logs interface {
	// Tail returns at most n last lines of the services, oldest first, and the
	// number after which Follow continues without a gap.
	Tail(services []string, n int) (lines []api.Line, next uint64)
	// Follow waits for lines of the services numbered after seq and returns them,
	// with the number to continue from. A gap shows in Line.Dropped.
	Follow(ctx context.Context, services []string, seq uint64) (lines []api.Line, next uint64, err error)
}
