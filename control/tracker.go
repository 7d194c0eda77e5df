package control

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gosv/gosv/control/api"
)

// Bounds of the tracker.
const (
	keptOperations = 200  // ended ones
	openOperations = 1000 // on their way
)

// tracker follows operations until they end. One goroutine reads the ring, and
// only while an operation is open.
type tracker struct {
	backend Backend
	ring    *EventRing
	logs    Logs
	stir    chan struct{} // has the goroutine look at open operations again

	mu     sync.Mutex
	all    []*operation // oldest first
	byID   map[string]*operation
	open   int    // how many have not ended
	after  uint64 // the last event that was taken
	lastID uint64
}

// operation is an api.Operation with what its end needs. The tracker's mutex guards it.
type operation struct {
	api.Operation
	deadline time.Time // zero: none
	parts    map[string]*part
	ended    chan struct{}
}

// part is what an operation does to one service.
type part struct {
	*api.ServiceOperation
	carriedOut bool // the supervisor has taken the command from its queue
}

func newTracker(ctx context.Context, backend Backend, ring *EventRing, logs Logs) *tracker {
	t := &tracker{backend: backend, ring: ring, logs: logs, byID: map[string]*operation{}, stir: make(chan struct{}, 1)}
	go t.run(ctx)
	return t
}

// request is a command for several services.
type request struct {
	verb     api.Verb
	services []string
	signal   string
	timeout  time.Duration // 0: none
}

// begin opens an operation and submits its commands.
func (t *tracker) begin(r request) (api.Operation, error) {
	op, err := t.add(r)
	if err != nil {
		return api.Operation{}, err
	}
	// Without the mutex: the supervisor may carry a command out at once.
	failed := map[string]error{}
	if len(r.services) == 0 { // it is for gosv itself
		if err := t.backend.Submit(Command{Verb: r.verb, Operation: op.ID}); err != nil {
			return api.Operation{}, asProblem(err)
		}
	}
	for _, name := range r.services {
		if err := t.backend.Submit(Command{Verb: r.verb, Service: name, Signal: r.signal, Operation: op.ID}); err != nil {
			failed[name] = err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, err := range failed {
		op.parts[name].end(api.Broken, err.Error())
	}
	t.conclude(op)
	if len(r.services) > 0 && len(failed) == len(r.services) {
		t.forget(op)
		return api.Operation{}, asProblem(failed[r.services[0]])
	}
	t.poke()
	return op.snapshot(), nil
}

// asProblem is for errors of Backend.Submit: its queue is bounded.
func asProblem(err error) error {
	var p *api.Problem
	if errors.As(err, &p) {
		return p
	}
	return problem(CodeTooManyCommands, "%v", err)
}

// add numbers an operation and keeps it.
func (t *tracker) add(r request) (*operation, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open >= openOperations {
		return nil, problem(CodeTooManyCommands, "%d operations are under way already", openOperations)
	}
	if t.open == 0 {
		t.after = t.ring.Last()
	}
	t.lastID++
	op := &operation{
		Operation: api.Operation{ID: strconv.FormatUint(t.lastID, 10), Verb: r.verb, State: api.Pending, Created: time.Now(), Services: make([]api.ServiceOperation, len(r.services))},
		parts:     make(map[string]*part, len(r.services)),
		ended:     make(chan struct{}),
	}
	if r.timeout > 0 {
		op.deadline = op.Created.Add(r.timeout)
	}
	for i, name := range r.services {
		op.Services[i] = api.ServiceOperation{Name: name, State: api.Pending}
		op.parts[name] = &part{ServiceOperation: &op.Services[i]}
	}
	t.open++
	t.all = append(t.all, op)
	t.byID[op.ID] = op
	return op, nil
}

// run takes events for open operations until ctx ends.
func (t *tracker) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		changed, deadline := t.next()
		if !deadline.IsZero() {
			timer.Reset(time.Until(deadline))
		}
		select {
		case <-changed:
		case <-t.stir:
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		t.takeEvents()
		t.expire(time.Now())
	}
}

// next is what run waits for: an event, if an operation is open, and the
// earliest deadline.
func (t *tracker) next() (changed <-chan struct{}, deadline time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == 0 {
		return nil, deadline
	}
	for _, op := range t.all {
		if op.State == api.Pending && !op.deadline.IsZero() && (deadline.IsZero() || op.deadline.Before(deadline)) {
			deadline = op.deadline
		}
	}
	return t.ring.Changed(t.after), deadline
}

// poke has run look again.
func (t *tracker) poke() {
	select {
	case t.stir <- struct{}{}:
	default:
	}
}

// takeEvents brings open operations up to date.
func (t *tracker) takeEvents() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.open > 0 {
		events, err := t.ring.After(t.after, 256)
		if err != nil {
			t.after = t.ring.Last()
			t.lookAtServices()
			return
		}
		if len(events) == 0 {
			return
		}
		for _, e := range events {
			t.after = e.Seq
			t.take(e)
		}
	}
}

// take judges the parts that an event concerns.
func (t *tracker) take(e api.Event) {
	if e.Type != api.StateEvent && e.Type != api.CommandEvent {
		return
	}
	for _, op := range t.all {
		p := op.parts[e.Service]
		if op.State != api.Pending || p == nil || p.State != api.Pending {
			continue
		}
		if e.Type == api.CommandEvent && e.Operation == op.ID {
			p.carriedOut = true
		}
		if p.carriedOut {
			p.judge(op.Verb, e)
			t.conclude(op)
		}
	}
}

// lookAtServices stands in for events that came faster than they could be taken,
// command events among them: thousands of events later a command has left the queue.
func (t *tracker) lookAtServices() {
	for _, op := range t.all {
		for _, p := range op.parts {
			p.carriedOut = true
		}
	}
	for _, svc := range t.backend.Services(t.backend.Names(), View{}) {
		t.take(api.Event{
			Type: api.StateEvent, Service: svc.Name, To: svc.Status.State, Desired: svc.Status.Desired,
			Unkillable: svc.Status.Unkillable, Exit: svc.Status.LastExit,
		})
	}
}

// expire ends operations whose time is over. Their commands stay in force.
func (t *tracker) expire(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, op := range t.all {
		if op.State != api.Pending || op.deadline.IsZero() || now.Before(op.deadline) {
			continue
		}
		for _, p := range op.parts {
			if p.State == api.Pending {
				p.end(api.TimedOut, "it was not done in "+op.deadline.Sub(op.Created).String())
			}
		}
		t.conclude(op)
	}
}

// conclude ends an operation whose parts have all ended. The worst of them counts.
func (t *tracker) conclude(op *operation) {
	if op.State != api.Pending || len(op.parts) == 0 {
		return
	}
	worst := api.Done
	for _, p := range op.parts {
		if p.State == api.Pending {
			return
		}
		if severity[p.State] > severity[worst] {
			worst = p.State
		}
	}
	now := time.Now()
	op.State, op.Ended = worst, &now
	for i := range op.Services {
		t.explain(&op.Services[i])
	}
	close(op.ended)
	t.open--
	t.trim()
}

var severity = map[api.Result]int{api.Done: 0, api.Skipped: 1, api.Canceled: 2, api.TimedOut: 3, api.Broken: 4}

// explain adds to a part that did not go well what is known about its service.
func (t *tracker) explain(p *api.ServiceOperation) {
	if p.State == api.Done || p.State == api.Skipped {
		return
	}
	p.Try = strings.Replace(Tries()[0], "NAME", p.Name, 1)
	p.Evidence = &api.Evidence{}
	if found := t.backend.Services([]string{p.Name}, View{}); len(found) > 0 {
		p.Evidence.LastExit = found[0].Status.LastExit
	}
	if t.logs != nil {
		lines, _ := t.logs.Tail([]string{p.Name}, 5)
		for _, line := range lines {
			p.Evidence.LastLines = append(p.Evidence.LastLines, line.Text)
		}
	}
}

// trim forgets the oldest operations that have ended.
func (t *tracker) trim() {
	for i := 0; len(t.all)-t.open > keptOperations; {
		if t.all[i].State == api.Pending {
			i++
			continue
		}
		t.forget(t.all[i])
	}
}

func (t *tracker) forget(op *operation) {
	delete(t.byID, op.ID)
	for i, one := range t.all {
		if one == op {
			t.all = append(t.all[:i], t.all[i+1:]...)
			return
		}
	}
}
