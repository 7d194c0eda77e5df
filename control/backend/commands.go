package backend

import (
	"errors"

	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Submit implements control.Backend.
func (b *Board) Submit(c control.Command) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	done := func(err error) { b.carriedOut(c, err) }
	switch c.Verb {
	case api.Start:
		return b.sup.Post(supervisor.Command{Kind: lifecycle.Start, Service: c.Service, Done: done})
	case api.Stop:
		return b.sup.Post(supervisor.Command{Kind: lifecycle.Stop, Service: c.Service, Done: done})
	case api.Restart:
		// A start during a stop makes it a restart, and of a stopped service it is a start.
		if err := b.sup.Post(supervisor.Command{Kind: lifecycle.Stop, Service: c.Service}); err != nil {
			return err
		}
		return b.sup.Post(supervisor.Command{Kind: lifecycle.Start, Service: c.Service, Done: done})
	case api.Reset:
		return b.sup.Post(supervisor.Command{Kind: lifecycle.Reset, Service: c.Service, Done: done})
	case api.Signal:
		sig, _ := signame.Parse(c.Signal)
		return b.sup.Post(supervisor.Command{Action: supervisor.SendSignal, Service: c.Service, Signal: sig, Done: done})
	case api.Shutdown:
		return b.sup.Post(supervisor.Command{Action: supervisor.Shutdown, Done: done})
	}
	return control.NotAvailable(c.Verb)
}

// carriedOut numbers a command that the loop has taken. The supervisor calls it.
func (b *Board) carriedOut(c control.Command, err error) {
	e := api.Event{Type: api.CommandEvent}
	if st := b.find(c.Service); c.Service != "" && st != nil {
		e = b.event(api.CommandEvent, c.Service, b.opt.Clock.Now(), st.State)
	}
	e.Cause, e.Operation = string(c.Verb), c.Operation
	switch {
	case errors.Is(err, supervisor.ErrShuttingDown):
		e.Ignored = api.IgnoredShutdown
	case err != nil:
		e.Error = err.Error()
	}
	b.opt.Events.Append(e)
}
