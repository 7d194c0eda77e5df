package fakesys

import (
	"fmt"
	"time"
)

// HorizonReached is the panic value of Wait when time would pass Options.Horizon.
type HorizonReached struct{ At time.Duration }

func (h *HorizonReached) Error() string { return fmt.Sprintf("the horizon %v is reached", h.At) }

// Deadlock is the panic value of Wait when gosv waits without a deadline and no event is
// scheduled.
type Deadlock struct {
	At        time.Duration
	Processes []Process
}

func (d *Deadlock) Error() string {
	return fmt.Sprintf("deadlock at %v: gosv waits without a deadline and nothing is scheduled\n%s", d.At, Table(d.Processes))
}

// Livelock is the panic value of a run that takes Options.Patience steps while time stands
// still.
type Livelock struct {
	At    time.Duration
	Steps int
}

func (l *Livelock) Error() string {
	return fmt.Sprintf("livelock at %v: %d steps and time stands still", l.At, l.Steps)
}

// Crashed is the panic value of a call by a gosv that has been killed.
type Crashed struct{ At time.Duration }

func (c *Crashed) Error() string { return fmt.Sprintf("gosv was killed at %v", c.At) }
