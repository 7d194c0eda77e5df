package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Options say what is run and how.
type Options struct {
	Supervisor  Supervisor
	Run         string // the identifier of the run, for the mark: no two runs share one
	Plan        chaos.Plan
	AllowGiveUp bool
	Protected   []string      // services that are not hit, whatever the plan says
	MaxVictims  int           // services that may be down or held at once; 0: any number
	MinGap      time.Duration // least time between two hits
	WarmUp      time.Duration // how long to wait for every service to be steady; 0: DefaultWarmUp
	// Progress is told how the run stands, at every change of the phase and every
	// second. It may be nil.
	Progress func(Progress)
	// Hurry, when it is closed, ends the supervisor by KILL instead of waiting for it.
	Hurry <-chan struct{}
}

// DefaultWarmUp is that of a run that does not name one.
const DefaultWarmUp = 30 * time.Second

// Progress is how a run stands.
type Progress struct {
	Phase         chaos.Phase
	At, Until     time.Duration // since the phase began; of the faults' phase the end
	Done, Skipped int           // hits
	Planned       int
	Waiting       string // what is waited for, if it is something
}

// Run does what the options say. The error says that chaos itself failed, or, as
// [CannotRun], what this machine lacks; whatever the supervisor did is in the
// history. A ctx that is cancelled leads to the end at once by way of heal and
// shutdown.
func Run(ctx context.Context, o Options) (chaos.History, error) {
	if o.WarmUp == 0 {
		o.WarmUp = DefaultWarmUp
	}
	r := &run{Options: o, states: map[string]serviceState{}, killedPIDs: map[int]bool{}, dying: newDying(), events: o.Supervisor.Events}
	r.h = chaos.History{Services: o.Supervisor.Services(), Plan: o.Plan}
	for _, d := range o.Plan.Faults {
		if injectors[d.Fault] == nil {
			return r.h, fmt.Errorf("the fault %q is in the catalogue, but nobody can do it", d.Fault)
		}
	}
	if p, ok := o.Supervisor.(Preparer); ok {
		p.Prepare(o.Plan)
	}
	// What outlives the supervisor becomes a child of this program, which can then
	// wait for it, and not of a PID 1 that may not.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return r.h, CannotRun{fmt.Errorf("cannot become a subreaper: %w", err)}
	}
	var err error
	if r.observer, err = newObserver(o.Run, o.Supervisor.Main); err != nil {
		return r.h, err
	}
	defer r.observer.close()
	if err := o.Supervisor.Start(o.Run); err != nil {
		o.Supervisor.Close()
		return r.h, err
	}
	r.begin(o.Supervisor.Pid())
	r.gauge.witness = newWitness()
	defer r.gauge.witness.close()
	r.runPhases(ctx)
	r.cleanUp()
	r.h.Processes = r.processes()
	switch {
	case ctx.Err() != nil:
		r.h.Aborted = chaos.Interrupted
	case r.err != nil:
		r.h.Aborted = r.err.Error()
	}
	return r.h, r.err
}

// run is one run under way.
type run struct {
	Options
	*observer
	h            chaos.History
	events       func() <-chan chaos.Event
	states       map[string]serviceState
	killedPIDs   map[int]bool // main processes that were hit and are not told to have ended
	active       []activeFault
	gauge        gauge
	dying        dying
	lastInjected time.Duration
	progressAt   time.Duration // when the progress was last told
	stableFDs    int           // descriptors of the supervisor after the warm-up
	waiting      string
	err          error
	eventsClosed bool // everything that was told was heard
}

// standing is what was last told of a service.
type serviceState struct {
	chaos.Event
	since time.Duration // when it began to run
	leaf  string        // the cgroup of its last main process, if it is one of its own
}

// held is a deed that is to be undone.
type activeFault struct {
	effect
	service   string
	undoAt    time.Duration
	injection int // its place in the history
}

// phases goes through all of them. A phase that fails leads to heal and shutdown.
func (r *run) runPhases(ctx context.Context) {
	r.phase(chaos.WarmUp, func() string { return r.awaitStable(ctx, r.WarmUp) })
	r.stableFDs = descriptors(r.Supervisor.Pid())
	good := r.h.Phases[0].Failure == ""
	if good {
		good = r.phase(chaos.Faults, func() string { return r.injectFaults(ctx) })
	}
	r.phase(chaos.Heal, r.undoAll)
	if good && r.phase(chaos.Settle, func() string { return r.awaitStable(ctx, r.settleBound()) }) {
		r.checkRunningLeaks()
		r.scan() // on a busy machine the last look may have been long ago
	}
	if r.supervisorEnded() {
		r.recordEarlyEnd()
		return
	}
	r.phase(chaos.Shutdown, r.shutdown)
}

func (r *run) phase(p chaos.Phase, do func() (failure string)) (good bool) {
	r.h.Phases = append(r.h.Phases, chaos.Span{Phase: p, From: r.now()})
	r.progress(true)
	failure := do()
	s := &r.h.Phases[len(r.h.Phases)-1]
	s.To, s.Failure = r.now(), failure
	return failure == ""
}

func (r *run) supervisorEnded() bool {
	select {
	case <-r.Supervisor.Ended():
		return true
	default:
		return false
	}
}

// poll is how often conditions are looked at that nothing tells.
const pollInterval = 10 * time.Millisecond

// wait takes what is told until an instant, or until something was told: it may be
// told more than can be taken, and there is other work to do.
func (r *run) wait(until time.Duration) {
	r.progress(false)
	if at := r.now(); at-r.gauge.last().at >= gaugePause {
		r.gauge.take(r.Supervisor.Pid(), at)
	}
	timer := time.NewTimer(max(0, min(pollInterval, until-r.now())))
	defer timer.Stop()
	told := r.events()
	if r.eventsClosed {
		told = nil
	}
	select {
	case e, more := <-told:
		r.record(e, more)
	case <-timer.C:
		r.noteDrained()
	}
	defer r.watchDying()
	for until := r.now() + pollInterval; !r.eventsClosed && r.now() < until; {
		select {
		case e, more := <-r.events():
			r.record(e, more)
		default:
			r.noteDrained()
			return
		}
	}
}

// take notes what the supervisor told.
func (r *run) record(e chaos.Event, more bool) {
	if !more {
		r.eventsClosed = true
		return
	}
	e.At -= r.origin
	if e.To == lifecycle.Running.String() || e.Cause == lifecycle.SpawnFailed.String() {
		r.dying.look(e.Service, false, r.now())
		e.Waited = r.dying.sum[e.Service]
		r.dying.forget(e.Service)
	}
	switch {
	case e.From == e.To:
	case e.To == lifecycle.Running.String():
		r.gauge.take(r.Supervisor.Pid(), r.now())
		e.Starved = r.gauge.last().starved
		e.Waited += birth(e.Pid)
	case e.To == lifecycle.Backoff.String():
		e.Starved = r.gauge.before(e.At)
		r.gauge.take(r.Supervisor.Pid(), r.now())
		e.Heard = r.gauge.last().starved
		if gone, ok := r.exitTime(e.Service, e.Pid); ok && e.Cause == lifecycle.MainExited.String() {
			e.Waited = e.Heard - r.gauge.before(gone)
		}
	}
	r.h.Events = append(r.h.Events, e)
	s := r.states[e.Service]
	s.Event = e
	if e.To == lifecycle.Running.String() && e.From != e.To {
		s.since, s.leaf = e.At, r.leafOf(e.Pid)
		r.addMain(e.Pid, e.Service)
	}
	if e.Cause == lifecycle.MainExited.String() {
		delete(r.killedPIDs, e.Pid)
	}
	r.states[e.Service] = s
}

func (r *run) service(name string) (config.Service, bool) {
	i := slices.IndexFunc(r.h.Services, func(svc config.Service) bool { return svc.Name == name })
	if i < 0 {
		return config.Service{}, false
	}
	return r.h.Services[i], true
}

// progress tells how the run stands, at most once a second unless it must.
func (r *run) progress(must bool) {
	if r.Progress == nil || !must && r.now()-r.progressAt < time.Second {
		return
	}
	r.progressAt = r.now()
	span := r.h.Phases[len(r.h.Phases)-1]
	p := Progress{Phase: span.Phase, At: r.now() - span.From, Planned: len(r.Plan.Faults), Waiting: r.waiting}
	if span.Phase == chaos.Faults {
		p.Until = r.Plan.Duration
	}
	for _, d := range r.h.Injections {
		if d.Skipped == "" {
			p.Done++
		} else {
			p.Skipped++
		}
	}
	r.Options.Progress(p)
}
