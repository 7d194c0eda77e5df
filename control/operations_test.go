package control_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
)

// command gives a command that must be taken, and returns its operation.
func (w *world) command(verb api.Verb, services ...string) api.Operation {
	w.t.Helper()
	op, err := w.client.Command(w.t.Context(), api.CommandRequest{Verb: verb, Services: services})
	require.NoError(w.t, err)
	return op
}

// ended waits for the end of an operation.
func (w *world) ended(id string) api.Operation {
	w.t.Helper()
	op, err := w.client.Operation(w.t.Context(), id, time.Minute)
	require.NoError(w.t, err)
	require.NotEqual(w.t, api.Pending, op.State, "%+v", op)
	return op
}

// What must happen to a service for the result of a command.
func TestOperationsEnd(t *testing.T) {
	failed := &api.Exit{Cause: api.StartFailed, Text: "no such program"}
	type events = []api.Event
	state := func(to api.State, d api.Desired) api.Event {
		return api.Event{Type: api.StateEvent, Service: "web", To: to, Desired: d}
	}
	for _, c := range []struct {
		name   string
		verb   api.Verb
		obeyed api.Event // what the command event says
		then   events
		want   api.Result
	}{
		{"start of a running service", api.Start, api.Event{To: api.Running, Desired: api.Up}, nil, api.Done},
		{"start", api.Start, api.Event{To: api.Starting, Desired: api.Up}, events{state(api.Running, api.Up)}, api.Done},
		{"start that fails", api.Start, api.Event{To: api.Starting, Desired: api.Up}, events{{Type: api.StateEvent, Service: "web", To: api.Backoff, Desired: api.Up, Exit: failed}}, api.Broken},
		{"start that is given up", api.Start, api.Event{To: api.Starting, Desired: api.Up}, events{state(api.Failed, api.Up)}, api.Broken},
		{"start overtaken by a stop", api.Start, api.Event{To: api.Starting, Desired: api.Up}, events{state(api.Stopping, api.Down)}, api.Canceled},
		{"start during a shutdown", api.Start, api.Event{To: api.Stopped, Ignored: api.IgnoredShutdown}, nil, api.Skipped},
		{"restart", api.Restart, api.Event{To: api.Stopping, Desired: api.Up}, events{state(api.Backoff, api.Up), state(api.Starting, api.Up), state(api.Running, api.Up)}, api.Done},
		{"stop of a stopped service", api.Stop, api.Event{To: api.Stopped, Desired: api.Down}, nil, api.Done},
		{"stop of a failed service", api.Stop, api.Event{To: api.Failed, Desired: api.Down}, nil, api.Done},
		{"stop", api.Stop, api.Event{To: api.Stopping, Desired: api.Down}, events{state(api.Stopped, api.Down)}, api.Done},
		{"stop overtaken by a start", api.Stop, api.Event{To: api.Stopping, Desired: api.Down}, events{state(api.Stopping, api.Up)}, api.Canceled},
		{"stop of what cannot be killed", api.Stop, api.Event{To: api.Stopping, Desired: api.Down}, events{{Type: api.StateEvent, Service: "web", To: api.Stopping, Desired: api.Down, Unkillable: true}}, api.Broken},
		{"reset", api.Reset, api.Event{To: api.Stopped}, nil, api.Done},
		{"command that fails", api.Reset, api.Event{To: api.Running, Error: "it runs"}, nil, api.Broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := serve(t)
			op := w.command(c.verb, "web")
			assert.Equal(t, api.Pending, op.State)
			require.NotEmpty(t, op.WaitingFor)
			// What happened before the command was carried out does not count.
			w.change("web", api.Running, api.Running, api.Up)
			w.change("web", api.Stopping, api.Stopped, api.Down)
			e := c.obeyed
			e.Type, e.Service, e.Operation = api.CommandEvent, "web", op.ID
			w.ring.Append(e)
			for _, e := range c.then {
				w.ring.Append(e)
			}
			op = w.ended(op.ID)
			assert.Equal(t, c.want, op.State)
			assert.NotNil(t, op.Ended)
			assert.Empty(t, op.WaitingFor)
			if c.want == api.Broken {
				assert.Equal(t, "gosv describe web", op.Services[0].Try)
				assert.NotNil(t, op.Services[0].Evidence.LastExit)
			}
		})
	}
}

// An operation has the worst result of its parts, and ends with the last of them.
func TestOperationOfSeveralServices(t *testing.T) {
	w := serve(t)
	w.obey = func(c control.Command) { w.carryOut(c, api.Starting, api.Up) }
	op := w.command(api.Start, "w*")
	w.change("web", api.Starting, api.Running, api.Up)
	w.change("worker", api.Starting, api.Failed, api.Up)
	op = w.ended(op.ID)
	assert.Equal(t, api.Broken, op.State)
	assert.Equal(t, api.Done, op.Services[0].State)
	assert.Equal(t, api.Broken, op.Services[1].State)
}

func TestOperationTimesOut(t *testing.T) {
	w := serve(t)
	op, err := w.client.Command(t.Context(), api.CommandRequest{Verb: api.Stop, All: true, Timeout: "10ms"})
	require.NoError(t, err)
	assert.Len(t, op.Services, 3)
	assert.Equal(t, api.TimedOut, w.ended(op.ID).State)
}

func TestOnlyTheLastOperationsAreKept(t *testing.T) {
	w := serve(t)
	open := w.command(api.Stop, "worker")
	w.obey = func(c control.Command) { w.carryOut(c, api.Running, api.Up) }
	var last api.Operation
	for range 202 {
		last = w.command(api.Start, "web")
		w.ended(last.ID)
	}
	p := w.problem("GET", "/v1/operations/2", "")
	assert.Equal(t, "no_such_operation", p.Code)
	op, err := w.client.Operation(t.Context(), open.ID, 0)
	require.NoError(t, err, "what has not ended is kept")
	assert.Equal(t, api.Pending, op.State)
}

func TestARefusedCommandLeavesNoOperation(t *testing.T) {
	w := serve(t)
	w.refuse = errors.New("1024 commands are waiting already")
	_, err := w.client.Command(t.Context(), api.CommandRequest{Verb: api.Stop, Services: []string{"web"}})
	require.ErrorContains(t, err, "1024 commands")
	assert.Equal(t, "no_such_operation", w.problem("GET", "/v1/operations/1", "").Code)
}

// A tracker that was overtaken by the ring looks at the services themselves.
func TestOperationEndsAlthoughEventsWereLost(t *testing.T) {
	w := serve(t)
	burst := func(c control.Command) {
		w.carryOut(c, api.Stopping, api.Down)
		for i := range 100 {
			w.ring.Append(api.Event{Type: api.NoticeEvent, Text: fmt.Sprint(i)})
		}
	}
	w.obey = burst
	op := w.command(api.Stop, "job")
	assert.Equal(t, api.Done, w.ended(op.ID).State)
}
