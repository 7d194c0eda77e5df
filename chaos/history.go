package chaos

import (
	"time"

	"github.com/gosv/gosv/config"
)

// Phase is a part of a run.
type Phase string

// The phases, in their order.
const (
	WarmUp   Phase = "warm-up"  // until every service is steady
	Faults   Phase = "faults"   // hits are done
	Heal     Phase = "heal"     // everything is undone
	Settle   Phase = "settle"   // until every service is steady again
	Shutdown Phase = "shutdown" // the supervisor is told to end
)

// History is everything that is known of a run. All times count from its
// beginning, by CLOCK_MONOTONIC.
type History struct {
	Services   []config.Service
	Plan       Plan
	Phases     []Span // in order; the last may be cut short
	Injections []Injection
	Processes  []ProcessRecord
	Events     []Event
	Leaks      []Leak
	End        End
	// Cut says why chaos did not do all that it was to do: [Interrupted], or how it
	// failed itself; "": it did.
	Aborted string
}

// Interrupted says that the operator ended a phase, or the run.
const Interrupted = "it was interrupted"

// Span is when a phase was.
type Span struct {
	Phase    Phase
	From, To time.Duration
	// Failure says why the phase did not come to its end; "": it did.
	Failure string
}

// Done is what became of a planned hit.
type Injection struct {
	PlannedFault
	// Skipped says why the hit was not done; "": it was, at the time At, to the
	// process Pid.
	Skipped string
	// Cannot: the machine or the service lacks what it takes.
	Unsupported bool
	At          time.Duration
	Pid         int
	// Until is when it was undone; 0: there was nothing to undo.
	UndoneAt time.Duration
	// Lethal: the hit must end the main process it was done to.
	Lethal bool
	// Stalls: the supervisor could do nothing from At to Until.
	StopsSupervisor bool
}

// Life is a main process of a service as the observer saw it: known by its
// pidfd and its start time.
type ProcessRecord struct {
	Service   string
	Pid       int
	StartTime uint64        // field 22 of /proc/PID/stat
	FirstSeen time.Duration // when it was first seen
	// Unseen is for how long before that nobody had looked for it: it may have been
	// there.
	UnseenFor time.Duration
	ExitedAt  time.Duration // when its pidfd said that it had ended; 0: not yet
	// Mortal: when everything was to end, its stop signal had its default action, which
	// ends a process at once.
	DiesOnStopSignal bool
	// Leftover are processes of an earlier start of the service that lived beside it.
	Leftovers []int
	// Beside are other main processes of the service that lived, by their pidfds,
	// when this one was first seen.
	Overlapping []int
}

// Told is one line of the supervisor's own event log.
type Event struct {
	At       time.Duration
	Service  string
	From, To string // phases of package lifecycle
	Cause    string
	Pid      int
	Attempt  int
	Restarts int
	Delay    time.Duration // To is backoff: until the start
	Outcome  string        // how the last run ended
	// Starved is for how long in all the supervisor's threads had waited for a
	// processor, or nobody ran: for a backoff when it began, at the latest; for a
	// start when it was done.
	Starved time.Duration
	// Heard is the same, of a backoff when it was heard of.
	Heard time.Duration
	// Waited is, of a start, how long processes of the service itself waited for a
	// processor since the backoff began: those that were killed, to end, and the new
	// one, to become its program. Of an end it is what the supervisor waited since the
	// observer saw it.
	Waited time.Duration
}

// starvedBy is what had been waited by the time that it was known.
func (e Event) starvedBy() time.Duration { return max(e.Starved, e.Heard) }

// Leak is something that was there after the end, or should not have been.
type Leak struct {
	Kind string // "process", "zombie", "cgroup", "descriptor", "file"
	What string
}

// End is how the supervisor ended.
type End struct {
	At     time.Duration
	Status int  // its exit status, 128+n for a signal
	Early  bool // before it was told to
	Hung   bool // it had to be killed
	// Refused: its status says that it cannot run here, such as with this
	// configuration.
	Refused bool
}
