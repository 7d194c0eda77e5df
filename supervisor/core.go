package supervisor

import (
	"time"

	"github.com/gosv/gosv/sys"
)

// core is what every component of the supervisor uses: the clock, the deadlines of
// the one loop, the jobs that run outside of it, and the observer.
type core struct {
	clock    sys.Clock
	worker   sys.Worker
	reporter reporter
	alarms   deadlines
}

// now reads the clock. An instant is read again wherever something counts from it:
// between two calls gosv may have been stopped, or slow, for longer than a grace.
func (c *core) now() time.Duration { return c.clock.Now() }

// set makes an alarm due at an instant; sys.Never takes it away.
func (c *core) set(a *alarm, at time.Duration) { c.alarms.set(a, at) }

// soon makes an alarm due after a delay, unless it is due before.
func (c *core) soon(a *alarm, delay time.Duration) { c.set(a, min(a.at, c.now()+delay)) }

// report passes an event to the observer.
func (c *core) report(e Event) { c.reporter.report(c.now(), e) }

// task is work that may block, and runs outside the loop. It has copies of all that
// it needs. What it returns runs in the loop when the task is done.
type task interface {
	run(sys.JobKernel) (then func())
}

// submit is the only way out of the loop.
func (c *core) submit(t task) { c.worker.Submit(func(k sys.JobKernel) any { return t.run(k) }) }

// longer is the pause after a pause; the first is after 0.
func longer(pause time.Duration) time.Duration {
	return min(max(2*pause, firstRecheck), lastRecheck)
}
