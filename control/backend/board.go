package backend

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Supervisor is what a Board needs of the supervisor.
type Supervisor interface {
	Statuses() []*supervisor.Status
	Post(supervisor.Command) error
}

// Clock is the time of the supervisor; see sys.Clock.
type Clock interface {
	Now() time.Duration
	Wall() time.Time
}

// Options is what a Board is made of.
type Options struct {
	Services []config.Service
	Observer supervisor.Observer // what observes beside the board
	Events   *control.EventRing
	Clock    Clock
	Files    Files // reads /proc and cgroups; nil: usage is unknown
	Version  string
}

// Board is what is published about services. It implements control.Backend and
// supervisor.Observer.
type Board struct {
	supervisor.Observer
	opt     Options
	started time.Time
	sup     Supervisor
	index   map[string]int // of a service, in Options.Services and in Statuses
	exits   []atomic.Pointer[[]api.Exit]
	seen    []uint64 // generation of the last exit; only the loop uses it

	mu sync.Mutex // keeps the commands of one client together
}

// maxExits is how many exits of a service are kept.
const maxExits = 10

// New makes a board. Attach completes it.
func New(opt Options) *Board {
	b := &Board{
		Observer: opt.Observer, opt: opt, started: opt.Clock.Wall(), index: make(map[string]int, len(opt.Services)),
		exits: make([]atomic.Pointer[[]api.Exit], len(opt.Services)), seen: make([]uint64, len(opt.Services)),
	}
	for i, svc := range opt.Services {
		b.index[svc.Name] = i
	}
	return b
}

// Attach gives the board its supervisor, which must run the same services. It
// must be called before the supervisor runs and before anyone reads the board.
func (b *Board) Attach(s Supervisor) { b.sup = s }

// Changed implements supervisor.Observer.
func (b *Board) Changed(c supervisor.Change) {
	i := b.index[c.Service]
	e := b.event(api.StateEvent, c.Service, c.At, c.State)
	e.From, e.Cause, e.PID = api.State(c.From.String()), c.Cause.String(), c.Pid
	if generation, ended := endedInstance(c); ended && generation > b.seen[i] {
		b.seen[i] = generation
		exit := b.exitOf(c, generation)
		b.keepExit(i, exit)
		e.Exit = &exit
	}
	b.opt.Events.Append(e)
	b.Observer.Changed(c)
}

// Event implements supervisor.Observer.
func (b *Board) Event(at time.Duration, e supervisor.Event) {
	if e.Level() > supervisor.Debug {
		b.opt.Events.Append(api.Event{
			Type: api.NoticeEvent, Time: b.wall(at), Service: e.Of(), Notice: supervisor.EventType(e), Level: e.Level().String(),
			Text: e.String(), Fields: supervisor.EventFields(e),
		})
	}
	if _, stuck := e.(supervisor.Unkillable); stuck {
		i := b.index[e.Of()]
		b.opt.Events.Append(b.event(api.StateEvent, e.Of(), at, b.sup.Statuses()[i].State))
	}
	b.Observer.Event(at, e)
}

// endedInstance finds the instance, or the attempt at one, whose end a change reports.
func endedInstance(c supervisor.Change) (generation uint64, ended bool) {
	generation = c.State.Generation
	if c.State.Phase == lifecycle.Starting {
		generation-- // the next one has begun in the same step
	}
	if c.State.Last.Cause == lifecycle.NoOutcome {
		return 0, false
	}
	switch c.From {
	case lifecycle.Running:
		return generation, c.State.Phase != lifecycle.Stopping
	case lifecycle.Starting:
		return generation, c.Cause == lifecycle.SpawnFailed || c.Cause == lifecycle.Deadline
	case lifecycle.Stopping: // a start that was aborted has no outcome of its own
		return generation, c.Cause == lifecycle.MainExited || c.Cause == lifecycle.Emptied
	}
	return 0, false
}

func (b *Board) exitOf(c supervisor.Change, generation uint64) api.Exit {
	exit := describeExit(c.State.Last)
	exit.Time, exit.PID, exit.Generation = b.wall(c.At), c.Pid, generation
	if c.Pid != 0 && exit.Cause != api.StartFailed && exit.Cause != api.StartTimeout {
		exit.RanSeconds = seconds(c.At - c.State.Born)
	}
	return exit
}

// keepExit publishes a new list: readers may hold the old one.
func (b *Board) keepExit(i int, exit api.Exit) {
	var kept []api.Exit
	if old := b.exits[i].Load(); old != nil {
		kept = (*old)[max(0, len(*old)-maxExits+1):]
	}
	fresh := append(append(make([]api.Exit, 0, len(kept)+1), kept...), exit)
	b.exits[i].Store(&fresh)
}

// event fills in what every event about a service says.
func (b *Board) event(kind api.EventType, service string, at time.Duration, s lifecycle.State) api.Event {
	e := api.Event{
		Type: kind, Time: b.wall(at), Service: service, To: api.State(s.Phase.String()), Desired: desired(s),
		Generation: s.Generation, Restarts: s.Restarts, Unkillable: s.Stuck,
	}
	if s.Phase == lifecycle.Backoff && s.Deadline != lifecycle.Never {
		next := b.wall(s.Deadline)
		e.NextStart = &next
	}
	return e
}

// wall converts an instant of the supervisor's clock.
func (b *Board) wall(at time.Duration) time.Time {
	return b.opt.Clock.Wall().Add(at - b.opt.Clock.Now()).Round(time.Millisecond)
}

// Started implements control.Backend.
func (b *Board) Started() time.Time { return b.started }

// Version implements control.Backend.
func (b *Board) Version() string { return b.opt.Version }

var _ control.Backend = (*Board)(nil)
