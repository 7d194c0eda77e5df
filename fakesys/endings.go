package fakesys

import (
	"fmt"
	"time"
)

// HorizonReached is what Wait panics with when time would go beyond
// Options.Horizon.
type HorizonReached struct{ At time.Duration }

func (h *HorizonReached) Error() string { return fmt.Sprintf("the horizon %v is reached", h.At) }

// Deadlock is what Wait panics with when gosv waits for ever and nothing can
// happen any more.
type Deadlock struct {
	At        time.Duration
	Processes []Process
}

func (d *Deadlock) Error() string {
	return fmt.Sprintf("deadlock at %v: gosv waits without a deadline and nothing is scheduled\n%s", d.At, Table(d.Processes))
}

// Livelock is what a run panics with that takes Options.Patience steps without
// time going on.
type Livelock struct {
	At    time.Duration
	Steps int
}

func (l *Livelock) Error() string {
	return fmt.Sprintf("livelock at %v: %d steps and time stands still", l.At, l.Steps)
}

// Crashed is what a call of gosv panics with when gosv was killed meanwhile.
type Crashed struct{ At time.Duration }

func (c *Crashed) Error() string { return fmt.Sprintf("gosv was killed at %v", c.At) }
