package chaos

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
)

// Phase is a part of a run.
type Phase string

// The phases, in their order.
const (
	WarmUp   Phase = "warm-up"  // until every service is stable
	Faults   Phase = "faults"   // faults are injected
	Heal     Phase = "heal"     // every fault is undone
	Settle   Phase = "settle"   // until every service is stable again
	Shutdown Phase = "shutdown" // the supervisor is asked to end
)

// History is everything that is known about a run. All times count from the start
// of the run, by CLOCK_MONOTONIC.
type History struct {
	Services   []config.Service
	Plan       Plan
	Phases     []Span // in order; the last may be cut short
	Injections []Injection
	Processes  []ProcessRecord
	Events     []Event
	// SchedDelays are the times in which the machine left a thread of the observer
	// waiting for a processor, in ascending order and without overlaps.
	SchedDelays []Interval
	Leaks       []Leak
	End         End
	// Aborted says why chaos did not complete the run: [Interrupted], or an error of
	// chaos itself. It is empty for a complete run.
	Aborted string
}

// Interrupted says that the operator ended a phase, or the run.
const Interrupted = "it was interrupted"

// Interval is a time from one instant to another.
type Interval struct{ From, To time.Duration }

// Span is when a phase took place.
type Span struct {
	Phase    Phase
	From, To time.Duration
	Failure  string // why the phase did not complete; empty if it did
}

// Injection is what became of a planned fault.
type Injection struct {
	PlannedFault
	Skipped string // why the fault was not injected; empty if it was
	// Unsupported means that the machine or the service lacks what the fault requires.
	Unsupported bool
	At          time.Duration
	Pid         int           // the process that the fault was injected into
	UndoneAt    time.Duration // 0 if there was nothing to undo
	Lethal      bool          // the fault must end the main process
	// Signal ended the main process, if the fault is lethal and sends one.
	Signal          syscall.Signal
	StopsSupervisor bool // the supervisor could not run from At to UndoneAt
}

// ProcessRecord is a main process of a service as the observer saw it. The observer
// identifies it by its pidfd and its start time.
type ProcessRecord struct {
	Service   string
	Pid       int
	StartTime uint64        // field 22 of proc_pid_stat(5)
	FirstSeen time.Duration // when the observer found it
	// UnseenFor is the time before FirstSeen in which the observer had not looked: the
	// process may have existed already.
	UnseenFor time.Duration
	ServingAt time.Duration // when its probe first succeeded; 0 if never, or without a probe
	ExitedAt  time.Duration // when its pidfd became readable; 0 if it still runs
	Exit      ExitStatus    // as the kernel reports it
	// DiesOnStopSignal means that at the shutdown the stop signal had its default
	// action, which ends a process at once.
	DiesOnStopSignal bool
	Leftovers        []int // processes of an earlier run of the service that lived beside it
	Overlapping      []int // other main processes of the service that lived at FirstSeen
}

// ExitStatus is how a process ended.
type ExitStatus struct {
	Known  bool
	Code   int            // if Signal is 0
	Signal syscall.Signal // 0: it called exit
}

func (s ExitStatus) String() string {
	switch {
	case !s.Known:
		return "an unknown status"
	case s.Signal != 0:
		return "SIG" + signame.Name(s.Signal)
	}
	return fmt.Sprintf("exit status %d", s.Code)
}

// Event is one change of a service's phase, as the supervisor reported it.
type Event struct {
	At       time.Duration
	Service  string
	From, To string // phases of package lifecycle
	Cause    string // names of package lifecycle's events
	Pid      int
	Attempt  int           // restarts in a row
	Restarts int           // restarts in all
	Delay    time.Duration // until the start, if To is backoff
	// Exit is how the main process ended, if Cause is main-exited.
	Exit ExitStatus
	// Step and Errno are what failed, if Cause is spawn-failed.
	Step    string
	Errno   syscall.Errno
	Outcome string // how the last run or start ended, for people
}

// Leak is something that remained after the end, or remained too long.
type Leak struct {
	Kind string // "process", "zombie", "cgroup", "descriptor" or "file"
	What string
}

// End is how the supervisor ended.
type End struct {
	At      time.Duration
	Status  int  // its exit status; 128+n for signal n
	Early   bool // it ended before it was asked to
	Hung    bool // it had to be killed
	Refused bool // its status says that it cannot run here, such as with this configuration
}

// supervisorStopped returns for how long between two instants the supervisor could
// not run, because a fault had stopped it.
func (h History) supervisorStopped(from, to time.Duration) (sum time.Duration) {
	for _, d := range h.Injections {
		if !d.StopsSupervisor || d.Skipped != "" {
			continue
		}
		until := to // it was never undone
		if d.UndoneAt != 0 {
			until = min(to, d.UndoneAt)
		}
		sum += max(0, until-max(from, d.At))
	}
	return sum
}

// schedDelay returns for how long between two instants the machine gave a waiting
// thread no processor.
func (h History) schedDelay(from, to time.Duration) (sum time.Duration) {
	for _, i := range h.SchedDelays {
		sum += max(0, min(i.To, to)-max(i.From, from))
	}
	return sum
}

// lastPhase returns the phase that a service was last reported to be in.
func (h History) lastPhase(service string) (phase string) {
	for _, e := range h.Events {
		if e.Service == service {
			phase = e.To
		}
	}
	return phase
}
