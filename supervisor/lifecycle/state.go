package lifecycle

import "time"

// Phase is the state of a service as users see it, in supervisord's words.
type Phase uint8

// The phases.
const (
	Stopped  Phase = iota // not wanted, or not started yet
	Starting              // a start was asked for and has no result yet
	Running               // the program was executed
	Backoff               // waiting to be started again
	Stopping              // being stopped; ends when nothing of the generation lives
	Exited                // ended, and the policy is content
	Failed                // ended, and given up until someone asks
	phases   = iota
)

var phaseNames = [phases]string{"stopped", "starting", "running", "backoff", "stopping", "exited", "failed"}

func (p Phase) String() string { return phaseNames[p] }

// State is everything that Step remembers of a service. Its zero value, with
// Deadline Never, is a service that was never started.
type State struct {
	Phase    Phase
	Since    time.Duration // when Phase was entered
	Deadline time.Duration // when a Deadline event is due; Never

	Wanted   bool // the operator's last word
	Attempt  int  // consecutive restarts, counted against the limit
	Retries  int  // consecutive starts that failed because of the machine
	Restarts int  // all restarts ever

	Generation uint64        // number of the present or last incarnation, from 1
	Spawning   bool          // its start has no result yet
	Alive      bool          // its main process runs
	Occupied   bool          // something of it lives
	ExecAt     time.Duration // when its program was executed
	Last       Outcome       // how the last run, or the last start, ended

	Counted bool // Backoff: the start to come is a restart
	Due     bool // Backoff: the delay is over, the old generation is not
	Killed  bool // Stopping: KILL was sent
	Stuck   bool // KILL was sent and did not help in KillWait: unkillable
}

// New is the state of a service that was never started.
func New() State { return State{Deadline: Never} }

// AtRest reports that nothing of the service lives or is about to, as far as
// it can be known: what cannot be killed is not waited for.
func (s State) AtRest() bool {
	switch s.Phase {
	case Stopped, Exited, Failed:
		return !s.Occupied || s.Stuck
	case Stopping:
		return s.Stuck
	}
	return false
}

// Ended reports that the service ended by itself.
func (s State) Ended() bool { return s.Phase == Exited || s.Phase == Failed }
