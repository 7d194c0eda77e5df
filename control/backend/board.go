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
	confs   atomic.Pointer[map[string]config.Service]
	records sync.Map // name of a service: *record

	mu sync.Mutex // keeps the commands of one client together
}

// maxExits is how many exits of a service are kept.
const maxExits = 10

// record is what the board remembers of a service.
type record struct {
	exits atomic.Pointer[[]api.Exit]
	seen  uint64 // generation of the last exit; only the loop uses it
}

// New makes a board. Attach completes it.
func New(opt Options) *Board {
	b := &Board{Observer: opt.Observer, opt: opt, started: opt.Clock.Wall()}
	b.Configure(opt.Services)
	return b
}

// Configure replaces the configuration that the board shows.
func (b *Board) Configure(services []config.Service) {
	confs := make(map[string]config.Service, len(services))
	for _, svc := range services {
		confs[svc.Name] = svc
	}
	b.confs.Store(&confs)
}

func (b *Board) record(service string) *record {
	if r, known := b.records.Load(service); known {
		return r.(*record)
	}
	r, _ := b.records.LoadOrStore(service, &record{})
	return r.(*record)
}

// find reads what is published of a service; nil if there is none.
func (b *Board) find(service string) *supervisor.Status {
	for _, st := range b.sup.Statuses() {
		if st.Name == service {
			return st
		}
	}
	return nil
}

// Attach gives the board its supervisor, which must run the same services. It
// must be called before the supervisor runs and before anyone reads the board.
func (b *Board) Attach(s Supervisor) { b.sup = s }

// Changed implements supervisor.Observer.
func (b *Board) Changed(c supervisor.Change) {
	r := b.record(c.Service)
	e := b.event(api.StateEvent, c.Service, c.At, c.State)
	e.From, e.Cause, e.PID = api.State(c.From.String()), c.Cause.String(), c.Pid
	if generation, ended := endedInstance(c); ended && generation > r.seen {
		r.seen = generation
		exit := b.exitOf(c, generation)
		r.keep(exit)
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
	switch e.(type) {
	case supervisor.Unkillable:
		if st := b.find(e.Of()); st != nil {
			b.opt.Events.Append(b.event(api.StateEvent, e.Of(), at, st.State))
		}
	case supervisor.ServiceRemoved:
		b.records.Delete(e.Of())
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
		exit.RanSeconds = seconds(c.At - c.State.ExecAt)
	}
	return exit
}

// keep publishes a new list: readers may hold the old one.
func (r *record) keep(exit api.Exit) {
	var kept []api.Exit
	if old := r.exits.Load(); old != nil {
		kept = (*old)[max(0, len(*old)-maxExits+1):]
	}
	fresh := append(append(make([]api.Exit, 0, len(kept)+1), kept...), exit)
	r.exits.Store(&fresh)
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
