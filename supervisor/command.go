package supervisor

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Command is what an operator wants of a service, or of the supervisor.
type Command struct {
	Action  Action
	Kind    lifecycle.Kind // of SetDesired: a Start, Stop, Kill or Reset
	Service string         // of all but Shutdown
	Signal  syscall.Signal // of SendSignal
	// Done, unless nil, is called from the loop when the command was carried out,
	// which may have changed nothing, or when it failed. It must not block.
	Done func(error)
}

// Action says what kind of command it is.
type Action uint8

// The actions.
const (
	SetDesired Action = iota // change what is wanted of the service
	SendSignal               // send a signal to its main process
	Shutdown                 // stop everything and return from Run; a second one kills
)

// Errors of commands that were not carried out.
var (
	ErrShuttingDown = errors.New("gosv is shutting down")
	ErrNotRunning   = errors.New("it is not running")
	ErrNoService    = errors.New("the service was removed")
)

func (c Command) done(err error) {
	if c.Done != nil {
		c.Done(err)
	}
}

func (c Command) validate() error {
	switch {
	case c.Action > Shutdown:
		return fmt.Errorf("%d is not an action", c.Action)
	case c.Action == SetDesired && c.Kind > lifecycle.Reset:
		return fmt.Errorf("%v is not a command", c.Kind)
	case c.Action == SendSignal && c.Signal <= 0:
		return fmt.Errorf("%d is not a signal", c.Signal)
	}
	return nil
}

// waitingCommands bounds how many commands may wait for the loop: every service may be
// restarted, by two commands, while as many wait.
func waitingCommands(services int) int { return max(1024, 4*services) }

// Post hands a command to the loop, from any goroutine. Commands set what is wanted; the
// last one wins. ErrEnded: the supervisor has ended.
func (s *Supervisor) Post(c Command) error {
	if c.Action != Shutdown && !s.services.has(c.Service) {
		return fmt.Errorf("there is no service %q", c.Service)
	}
	if err := c.validate(); err != nil {
		return err
	}
	return s.send(c)
}

func (s *Supervisor) send(r request) error {
	if err := s.inbox.put(r); err != nil {
		return err
	}
	s.k.Wake()
	return nil
}

// Shutdown asks the supervisor to stop every service and to end, from any goroutine;
// asked a second time, it kills them. ErrEnded: it has ended.
func (s *Supervisor) Shutdown() error { return s.Post(Command{Action: Shutdown}) }

// obey carries a command out. A shutdown is absorbing: nothing starts after it.
func (c Command) obey(s *Supervisor) {
	svc := s.services.find(c.Service)
	switch {
	case s.phase > running:
		c.done(ErrEnded)
	case c.Action == Shutdown:
		s.shutdown(syscall.SIGTERM)
		c.done(nil)
	case svc == nil:
		c.done(ErrNoService)
	case c.Action == SendSignal:
		c.done(s.sendSignal(svc, c.Signal))
	case s.ending.asked && c.Kind == lifecycle.Start:
		s.report(StartRefused{Service: c.Service})
		c.done(ErrShuttingDown)
	case s.phase < running:
		s.boot.command(c)
	default:
		s.guarded(svc, func() { s.step(svc, lifecycle.Event{Kind: c.Kind}) })()
		c.done(nil)
	}
}

// sendSignal signals the main process of a service, and nothing else of it.
func (s *Supervisor) sendSignal(svc *service, sig syscall.Signal) error {
	if svc.inst == nil || !svc.state.Alive {
		return ErrNotRunning
	}
	err := s.k.Signal(svc.inst.child.Handle, sig)
	if errors.Is(err, syscall.ESRCH) {
		return ErrNotRunning
	}
	return err
}
