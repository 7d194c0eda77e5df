package lifecycle

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
)

// Kind is what happened.
type Kind uint8

// The kinds of events.
const (
	Start       Kind = iota // the operator wants it up
	Stop                    // the operator wants it down
	Kill                    // the operator wants it down at once
	Reset                   // the operator forgives a failure
	Spawned                 // the program was executed
	SpawnFailed             // the start failed
	MainExited              // the main process ended
	Emptied                 // nothing of the generation lives any more
	Deadline                // the state's deadline has come
	kinds       = iota
)

var kindNames = [kinds]string{"start", "stop", "kill", "reset", "spawned", "spawn-failed", "main-exited", "emptied", "deadline"}

func (k Kind) String() string { return kindNames[k] }

// Event is one thing that happened to a service. Events of an old generation
// never get here: the loop knows them by their number.
type Event struct {
	Kind    Kind
	Outcome Outcome // SpawnFailed, MainExited
	// Machine: the machine is the cause of this failed start (EAGAIN, ENOMEM ...).
	Machine bool
	ExecAt  time.Duration // Spawned: when the program was executed
	// Empty: with the main process the whole generation has ended.
	Empty bool
	U     float64 // SpawnFailed, MainExited, Deadline: the jitter draw, in [0,1)
}

// Cause says why a run or a start ended.
type Cause uint8

// The causes.
const (
	NoOutcome    Cause = iota
	ByExit             // exit(Code)
	BySignal           // killed by Signal
	StartFailed        // not executed; Code is 127 (not found) or 126, as env(1) has it
	StartTimeout       // not executed within start_timeout
	Unknown            // somebody else took the status
)

// Outcome is how a run, or an attempt at one, ended.
type Outcome struct {
	Cause  Cause
	Code   int
	Signal syscall.Signal
	Core   bool // a core was dumped
	OOM    bool // the kernel's out-of-memory killer struck in the generation
	// Final: not to be restarted whatever the policy says (the user
	// interrupted it from the terminal).
	Final bool
	Err   string // StartFailed, StartTimeout: what was wrong, for people
	Step  string // StartFailed: the step that failed, as package sys names it
	Errno syscall.Errno
}

// Success reports whether the program ended by exit(0).
func (o Outcome) Success() bool { return o.Cause == ByExit && o.Code == 0 }

// ExitCode is the outcome as a shell reports it: the code, or 128 + signal.
func (o Outcome) ExitCode() int {
	switch o.Cause {
	case BySignal:
		return 128 + int(o.Signal)
	case StartTimeout:
		return 126
	case Unknown:
		return 1
	}
	return o.Code
}

func (o Outcome) String() string {
	s := "nothing yet"
	switch o.Cause {
	case ByExit:
		s = fmt.Sprintf("exit status %d", o.Code)
	case BySignal:
		s = fmt.Sprintf("killed by SIG%s", signame.Name(o.Signal))
	case StartFailed, StartTimeout:
		return o.Err
	case Unknown:
		s = "status unknown"
	}
	if o.Core {
		s += " (core dumped)"
	}
	if o.OOM {
		s += " (out of memory)"
	}
	return s
}

// Effects is the set of things to be done after a step. They are carried out in
// the order of the constants.
type Effects uint8

// The effects.
const (
	DoAbort Effects = 1 << iota // end the start that has no result yet
	DoTerm                      // the stop signal, then CONT, to the whole generation
	DoKill                      // KILL to the whole generation
	DoSpawn                     // start the generation numbered State.Generation
)

// Reason names why an event changed nothing.
type Reason string

// The reasons.
const (
	AlreadyUp   Reason = "it is already up"
	AlreadyDown Reason = "it is not running"
	NotFailed   Reason = "it has not failed"
	NotEmpty    Reason = "something of its last run still lives"
)
