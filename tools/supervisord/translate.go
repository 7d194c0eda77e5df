package supervisord

import (
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// translator makes gosv's events of supervisord's.
type translator struct {
	services map[string]Service
	restarts map[string]int
}

func newTranslator(services []Service) *translator {
	t := &translator{services: map[string]Service{}, restarts: map[string]int{}}
	for _, s := range services {
		t.services[s.Name] = s
	}
	return t
}

// change is what an event means.
type change struct {
	to    lifecycle.Phase
	cause lifecycle.Kind
}

// changes are the events of a process, except its end.
var changes = map[string]change{
	"PROCESS_STATE_STARTING": {lifecycle.Starting, lifecycle.Start},
	"PROCESS_STATE_RUNNING":  {lifecycle.Running, lifecycle.Spawned},
	"PROCESS_STATE_BACKOFF":  {lifecycle.Backoff, lifecycle.SpawnFailed},
	"PROCESS_STATE_STOPPING": {lifecycle.Stopping, lifecycle.Stop},
	"PROCESS_STATE_STOPPED":  {lifecycle.Stopped, lifecycle.MainExited},
	"PROCESS_STATE_FATAL":    {lifecycle.Failed, lifecycle.Deadline},
}

// left is the phase of each state that an event can have come from. An end after
// which supervisord starts a process again is a backoff without a delay.
var left = map[string]lifecycle.Phase{
	"STOPPED": lifecycle.Stopped, "STARTING": lifecycle.Starting, "RUNNING": lifecycle.Running, "BACKOFF": lifecycle.Backoff,
	"STOPPING": lifecycle.Stopping, "EXITED": lifecycle.Backoff, "FATAL": lifecycle.Failed,
}

// translate translates an event; ok is false if it is of no service, or no change of a
// state.
func (t *translator) translate(n notification, at time.Duration) (e chaos.Event, ok bool) {
	svc, known := t.services[n.Values["processname"]]
	c, changes := changes[n.Event]
	expected := n.Values["expected"] == "1"
	if n.Event == "PROCESS_STATE_EXITED" {
		c, changes = change{lifecycle.Exited, lifecycle.MainExited}, true
		if svc.again(expected) {
			c.to = lifecycle.Backoff
		}
	}
	if !known || !changes {
		return e, false
	}
	from := left[n.Values["from_state"]]
	if c.to == lifecycle.Starting && from == lifecycle.Backoff {
		c.cause = lifecycle.Deadline
		t.restarts[svc.Name]++
	}
	e = chaos.Event{
		At: at, Service: svc.Name, From: from.String(), To: c.to.String(), Cause: c.cause.String(),
		Pid: n.number("pid"), Attempt: n.number("tries"), Restarts: t.restarts[svc.Name],
	}
	switch n.Event {
	case "PROCESS_STATE_EXITED":
		e.Outcome = "an exit that is not expected"
		if c.to == lifecycle.Backoff {
			e.Attempt = 1 // who was running for startsecs is started as if for the first time
		}
		if expected {
			e.Outcome = "an expected exit"
		}
	case "PROCESS_STATE_BACKOFF":
		e.Outcome = "a start that failed, or an end too soon after it"
		e.Delay = time.Duration(e.Attempt) * time.Second
	case "PROCESS_STATE_FATAL":
		e.Attempt = svc.StartRetries
	}
	return e, true
}
