package sim

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Scenario is everything about a run that is not left to its choices.
type Scenario struct {
	Machine  fakesys.Options // Choices, Horizon and Trace are the run's own
	Cgroup   config.CgroupMode
	Services []Service
	Actions  []Action
	// HealAt is when the faults of the machine stop; 0: they never began.
	HealAt time.Duration
	// EndAt is when gosv is told to end, unless it has ended by itself.
	EndAt time.Duration
	// EndAgain is how long after that gosv gets a second SIGTERM; 0: it gets none.
	EndAgain time.Duration
	// Steps are enough: what is wrong heals then, nothing more is done from outside,
	// and gosv is soon told to end; 0 is 20,000. A program that is started again
	// without delay makes no better a test by the hour.
	Steps int
	// Environ is gosv's own environment; nil is a PATH and nothing else.
	Environ []string
	// Dir is where a relative Dir of a service begins.
	Dir string
	// Attached is one service in gosv's place (--run).
	Attached bool
	// Fails are calls that are refused, in the order of their making.
	Fails []Fail
	// Slow are calls that take long, in the order of their making.
	Slow []Slow
	// Crashes are the steps after which gosv is killed with -9. The world lives on,
	// and a new gosv begins in it at once.
	Crashes []int
	// Plant changes what gosv is made of, behind the checker's back; nil: nothing.
	// It is how a test shows that the checker sees what it should.
	Plant func(*supervisor.Options) `json:"-"`
}

// Service is a configured service and what its program does.
type Service struct {
	config.Service
	Script string // package testproc; File makes it something else
	// File is what the program's path is; only a Program runs the script.
	File fakesys.FileKind
	// TooLong gives it an argument that execve(2) refuses (E2BIG).
	TooLong bool
	// Lasting: the program never ends by itself, whatever its script seems to be, so
	// that it must run when all is well.
	Lasting bool
	// Stall is how long its output is not read after every 64 KiB; 0: it always is.
	Stall time.Duration
}

// Action is something that happens from outside.
type Action struct {
	At           time.Duration
	Signal       syscall.Signal // to gosv, or to the service's main process
	Service      string         // "": gosv
	Command      *lifecycle.Kind
	Interference Interference  // instead of a signal or a command
	For          time.Duration // of some deeds
	Next         Next          // of ChangeProgram
	// Within, if it is not 0, makes the action wait so long for a service that runs,
	// and leave one alone whose Costs, in restarts in a row, are more than its
	// max_restarts allows: as gosv chaos does.
	Within time.Duration
	Costs  int
}

// NewService is a service whose program runs a script. The program's path is
// its own, so that the checker knows whose start is whose.
func NewService(name, script string) Service {
	return Service{Service: config.NewService(name, "/svc/"+name), Script: script}
}

// String is one line for a person.
func (s Service) String() string {
	b, program := s.Backoff, "{"+s.Script+"}"
	if s.Limits.Any() {
		program += " limits={" + limitsText(s.Limits) + "}"
	}
	if s.Stall > 0 {
		program += fmt.Sprintf(" output stalls for %v", s.Stall)
	}
	if s.TooLong {
		program += " with an argument that is too long"
	}
	if s.Dir != "" {
		program += " dir=" + s.Dir
	}
	if len(s.Args) > 0 {
		program += fmt.Sprintf(" args=%q", s.Args)
	}
	if len(s.Env) > 0 {
		program += fmt.Sprintf(" env=%q", s.Env)
	}
	if s.File != fakesys.Program {
		program = fileText(s.File)
	}
	return fmt.Sprintf("%-4s restart=%s max_restarts=%s backoff={%v x%v max %v jitter %v reset %v} stop=%s/%v start=%v program=%s",
		s.Name, s.Restart, fmt.Sprint(s.MaxRestarts), b.Initial, b.Factor, b.Max, b.Jitter, b.ResetAfter,
		signame.Name(s.StopSignal), s.StopTimeout, s.StartTimeout, program)
}

func (a Action) String() string { return fmt.Sprintf("%-10v %s", a.At, a.what()) }

// what is what happens, without the instant.
func (a Action) what() string {
	whom := a.Service
	if whom == "" {
		whom = "gosv"
	}
	switch {
	case a.Interference == StepWall || a.Interference == Suspend:
		return a.interferenceText("the machine")
	case a.Interference != "":
		return a.interferenceText(whom)
	case a.Command != nil:
		return "operator: " + a.Command.String() + " " + whom
	}
	return "SIG" + signame.Name(a.Signal) + " to " + whom
}

// String is the scenario for a person.
func (s Scenario) String() string {
	var b strings.Builder
	if s.Attached {
		b.WriteString("attached, ")
	}
	b.WriteString(s.machineText())
	for _, svc := range s.Services {
		fmt.Fprintln(&b, svc)
	}
	for _, a := range s.Actions {
		fmt.Fprintln(&b, a)
	}
	for _, f := range s.Fails {
		fmt.Fprintln(&b, f)
	}
	for _, call := range s.Slow {
		fmt.Fprintln(&b, call)
	}
	for _, step := range s.Crashes {
		fmt.Fprintf(&b, "gosv crashes after step %d\n", step)
	}
	fmt.Fprintf(&b, "%-10v SIGTERM to gosv, if it has not ended\n", s.EndAt)
	if s.EndAgain > 0 {
		fmt.Fprintf(&b, "%v later SIGTERM to gosv again\n", s.EndAgain)
	}
	return b.String()
}
