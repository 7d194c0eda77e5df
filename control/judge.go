package control

import (
	"fmt"
	"slices"

	"github.com/gosv/gosv/control/api"
)

// judge decides whether an event ends the part of an operation. The command was
// carried out before it or with it.
func (p *part) judge(verb api.Verb, e api.Event) {
	switch {
	case e.Type == api.CommandEvent && e.Error != "":
		p.end(api.Broken, e.Error)
	case e.Type == api.CommandEvent && e.Ignored == api.IgnoredShutdown:
		p.end(api.Skipped, e.Ignored)
	case verb == api.Start || verb == api.Restart:
		p.judgeStart(e)
	case verb == api.Stop:
		p.judgeStop(e)
	case e.Type == api.CommandEvent:
		p.end(api.Done, e.Ignored)
	}
}

func (p *part) judgeStart(e api.Event) {
	switch {
	case e.To == api.Running:
		p.end(api.Done, "")
	case e.Desired == api.Down && (e.To == api.Stopping || e.To == api.Stopped):
		p.end(api.Canceled, "a later command stopped it")
	case e.To == api.Exited:
		p.end(api.Done, exitText(e))
	case e.To == api.Failed:
		p.end(api.Broken, exitText(e))
	case e.To == api.Backoff && e.Exit != nil && (e.Exit.Cause == api.StartFailed || e.Exit.Cause == api.StartTimeout):
		p.end(api.Broken, exitText(e)+"; gosv goes on trying")
	}
}

func (p *part) judgeStop(e api.Event) {
	switch {
	case e.Unkillable:
		p.end(api.Broken, "something of it survived SIGKILL")
	case e.To == api.Stopped || e.To == api.Exited || e.To == api.Failed:
		p.end(api.Done, "")
	case e.Desired == api.Up:
		p.end(api.Canceled, "a later command started it")
	}
}

func exitText(e api.Event) string {
	if e.Exit == nil {
		return ""
	}
	return e.Exit.Text
}

func (p *part) end(result api.Result, detail string) { p.State, p.Detail = result, detail }

// snapshot is a copy for the wire.
func (op *operation) snapshot() api.Operation {
	copied := op.Operation
	copied.Services = slices.Clone(op.Services)
	if op.State != api.Pending {
		return copied
	}
	for _, p := range op.Services {
		switch {
		case p.State != api.Pending:
		case op.parts[p.Name].carriedOut:
			copied.WaitingFor = append(copied.WaitingFor, fmt.Sprintf("%s to %s", p.Name, op.Verb))
		default:
			copied.WaitingFor = append(copied.WaitingFor, fmt.Sprintf("the command %s to reach %s", op.Verb, p.Name))
		}
	}
	if len(op.Services) == 0 {
		copied.WaitingFor = []string{"gosv to end"}
	}
	return copied
}

// get finds an operation; the channel is closed when it has ended.
func (t *tracker) get(id string) (op api.Operation, ended <-chan struct{}, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one := t.byID[id]
	if one == nil {
		return op, nil, false
	}
	return one.snapshot(), one.ended, true
}

// list gives all operations that are kept, newest first.
func (t *tracker) list() []api.Operation {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]api.Operation, 0, len(t.all))
	for _, op := range slices.Backward(t.all) {
		all = append(all, op.snapshot())
	}
	return all
}
