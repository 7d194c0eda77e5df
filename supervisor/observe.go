package supervisor

import (
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Observer receives what happens. It is called from the loop and must not block.
type Observer interface {
	// Changed reports a step that changed a service's phase, or an
	// operator's command that was obeyed within it.
	Changed(Change)
	// Event reports a fact, at an instant of the monotonic clock.
	Event(at time.Duration, e Event)
	// Dumped brings the text that USR1 asked for.
	Dumped(text string)
}

// Change is one transition of one service. The changes of a service, replayed
// in order, give its state.
type Change struct {
	At      time.Duration // monotonic
	Service string
	From    lifecycle.Phase
	Cause   lifecycle.Kind // the event that did it
	State   lifecycle.State
	Pid     int // of the main process that the event is about; 0 if it was not spawned
}

// NopObserver is an Observer that ignores everything.
type NopObserver struct{}

func (NopObserver) Changed(Change)             {}
func (NopObserver) Event(time.Duration, Event) {}
func (NopObserver) Dumped(string)              {}

// Status is the published state of a service. It is immutable.
type Status struct {
	Name  string
	State lifecycle.State
	Pid   int    // 0 unless the main process is known to be alive
	Leaf  string // the cgroup of the generation
}
