package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// Options say what is run, and how.
type Options struct {
	Supervisor  Supervisor
	Run         string // the identifier of the run, which no other run has
	Plan        chaos.Plan
	AllowGiveUp bool
	Protected   []string         // services that get no faults, whatever the plan says
	MaxVictims  int              // services that may be down or disturbed at once; 0: any number
	MinGap      time.Duration    // shortest time between two faults
	WarmUp      time.Duration    // how long to wait for every service to be stable; 0: DefaultWarmUp
	Probes      map[string]Probe // by service: whether it serves
	// Progress is called at every change of the phase and every second. It may be nil.
	Progress func(Progress)
	// Hurry, when it is closed, kills the supervisor instead of waiting for it.
	Hurry <-chan struct{}
}

// DefaultWarmUp is used if Options.WarmUp is 0.
const DefaultWarmUp = 30 * time.Second

// Progress is the state of a run.
type Progress struct {
	Phase         chaos.Phase
	At, Until     time.Duration // since the phase began; Until is the end of the phase of faults
	Done, Skipped int           // faults
	Planned       int
	Waiting       string // what the run waits for, if anything
}

// Run carries out a plan. The error says that chaos itself failed, or, as [CannotRun],
// what this machine lacks; what the supervisor did is in the history. If ctx is
// cancelled, the run goes on with heal and shutdown.
func Run(ctx context.Context, o Options) (chaos.History, error) {
	if o.WarmUp == 0 {
		o.WarmUp = DefaultWarmUp
	}
	r := &run{Options: o, states: map[string]serviceState{}, killedPIDs: map[int]bool{}, events: o.Supervisor.Events}
	r.h = chaos.History{Services: o.Supervisor.Services(), Plan: o.Plan}
	for _, d := range o.Plan.Faults {
		if injectors[d.Fault] == nil {
			return r.h, fmt.Errorf("the fault %q is in the catalogue, but has no injector", d.Fault)
		}
	}
	if p, ok := o.Supervisor.(Preparer); ok {
		p.Prepare(o.Plan)
	}
	// Processes that outlive the supervisor become children of this program, which can
	// then wait for them. PID 1 of a container may not.
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
	probe := newSchedDelayProbe(r.origin)
	stopProbes := r.startProbes()
	r.runPhases(ctx)
	stopProbes()
	r.cleanUp()
	r.h.Processes, r.h.SchedDelays = r.processes(), probe.stop()
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
	eventsClosed bool
	states       map[string]serviceState
	killedPIDs   map[int]bool // main processes with a lethal fault whose exit is not reported yet
	active       []activeFault
	lastInjected time.Duration
	progressAt   time.Duration // when progress was last reported
	stableFDs    int           // descriptors of the supervisor after the warm-up
	waiting      string
	err          error
}

// serviceState is what was last reported about a service.
type serviceState struct {
	chaos.Event
	since time.Duration // when it began to run
	leaf  string        // the cgroup of its last main process, if the supervisor made it
}

// activeFault is a fault that is to be undone.
type activeFault struct {
	effect
	service   string
	undoAt    time.Duration
	injection int // its index in the history
}

// runPhases goes through the phases. A phase that fails is followed by heal and shutdown.
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
		r.scan() // on a busy machine the last scan may have been long ago
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

func (r *run) service(name string) (config.Service, bool) {
	i := slices.IndexFunc(r.h.Services, func(svc config.Service) bool { return svc.Name == name })
	if i < 0 {
		return config.Service{}, false
	}
	return r.h.Services[i], true
}

// progress reports the state of the run, at most once a second unless it must.
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
