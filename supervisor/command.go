package supervisor

import (
	"fmt"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Command is what an operator wants of a service: a Start, a Stop or a Kill.
type Command struct {
	Kind    lifecycle.Kind
	Service string
	// Done, unless nil, is called from the loop when the command was carried out,
	// which may have changed nothing; refused says why the supervisor did not obey
	// at all. It must not block.
	Done func(refused string)
}

func (c Command) done(refused string) {
	if c.Done != nil {
		c.Done(refused)
	}
}

// maxCommands bounds what may wait for the loop.
const maxCommands = 1024

// Post hands a command to the loop, from any goroutine. Commands say what is
// wanted; the last one wins.
func (s *Supervisor) Post(c Command) error {
	if s.byName[c.Service] == nil {
		return fmt.Errorf("there is no service %q", c.Service)
	}
	if c.Kind != lifecycle.Start && c.Kind != lifecycle.Stop && c.Kind != lifecycle.Kill {
		return fmt.Errorf("%v is not a command", c.Kind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.commands) == maxCommands {
		return fmt.Errorf("%d commands are waiting already; try again", maxCommands)
	}
	s.commands = append(s.commands, c)
	s.k.Wake()
	return nil
}

func (s *Supervisor) takeCommands() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.commands
	s.commands = nil
	return taken
}

// obey carries a command out. A shutdown is absorbing: nothing starts after it.
func (s *Supervisor) obey(c Command) {
	if s.closing && c.Kind == lifecycle.Start {
		s.report(StartRefused{Service: c.Service})
		c.done("gosv is shutting down")
		return
	}
	s.step(s.byName[c.Service], lifecycle.Event{Kind: c.Kind})
	c.done("")
}
