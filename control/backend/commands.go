package backend

import (
	"github.com/gosv/gosv/control"
	"github.com/gosv/gosv/control/api"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Submit implements control.Backend.
func (b *Board) Submit(c control.Command) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	done := func(refused string) { b.carriedOut(c, refused) }
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
	}
	return control.NotAvailable(c.Verb)
}

// carriedOut numbers a command that the loop has taken. The supervisor calls it.
func (b *Board) carriedOut(c control.Command, refused string) {
	e := api.Event{Type: api.CommandEvent}
	if i, known := b.index[c.Service]; known {
		e = b.event(api.CommandEvent, c.Service, b.opt.Clock.Now(), b.sup.Statuses()[i].State)
	}
	e.Cause, e.Operation = string(c.Verb), c.Operation
	if refused != "" {
		e.Ignored = api.IgnoredShutdown // the only reason to refuse a known command
	}
	b.opt.Events.Append(e)
}
