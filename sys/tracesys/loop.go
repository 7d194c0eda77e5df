package tracesys

import (
	"strconv"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
)

// Now implements sys.Clock. Its line shows the instant as when.
func (k *Kernel) Now() time.Duration {
	now := k.kernel.Now()
	k.record(now, "now", nil, nil)
	return now
}

// Wall implements sys.Clock. The answer is not recorded: it decides nothing.
func (k *Kernel) Wall() time.Time {
	began := k.kernel.Now()
	wall := k.kernel.Wall()
	k.record(began, "wall", nil, nil)
	return wall
}

// Draw implements sys.Random.
func (k *Kernel) Draw(label string, n int) int {
	began := k.kernel.Now()
	v := k.kernel.Draw(label, n)
	k.record(began, "draw", nil, func(_ *names, c *call) {
		c.Args, c.Result = []string{label, strconv.Itoa(n)}, []string{strconv.Itoa(v)}
	})
	return v
}

var reasons = []string{"deadline", "child", "spawn", "signal", "watch", "work", "command"}

// Wait implements sys.Waiter.
func (k *Kernel) Wait(until time.Duration) sys.Reason {
	k.mu.Lock()
	k.flush()
	k.mu.Unlock()
	began := k.kernel.Now()
	why := k.kernel.Wait(until)
	k.record(began, "wait", nil, func(_ *names, c *call) {
		c.Args = []string{"never"}
		if until != sys.Never {
			c.Args[0] = seconds(until - k.origin)
		}
		for i, word := range reasons {
			if why&(1<<i) != 0 {
				c.Result = append(c.Result, word)
			}
		}
	})
	return why
}

// seconds writes an instant as a trace does, rounded down to microseconds.
func seconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1e6, 'f', 6, 64)
}

// Wake implements sys.Waker.
func (k *Kernel) Wake() {
	began := k.kernel.Now()
	k.kernel.Wake()
	k.record(began, "wake", nil, nil)
}

// Signals implements sys.Inbox.
func (k *Kernel) Signals() []syscall.Signal {
	began := k.kernel.Now()
	signals := k.kernel.Signals()
	k.record(began, "signals", nil, func(_ *names, c *call) {
		for _, sig := range signals {
			c.Result = append(c.Result, signame.Name(sig))
		}
	})
	return signals
}

// Submit implements sys.Worker. What the job calls is recorded as its own.
func (k *Kernel) Submit(job sys.Job) {
	began := k.kernel.Now()
	k.mu.Lock()
	k.job++
	name := jobName(k.job)
	k.mu.Unlock()
	k.kernel.Submit(k.tag(name, job))
	k.record(began, "submit", nil, func(_ *names, c *call) { c.Args = []string{name} })
}

// Finished implements sys.Worker.
func (k *Kernel) Finished() []any {
	began := k.kernel.Now()
	results := k.kernel.Finished()
	k.record(began, "finished", nil, func(_ *names, c *call) {
		for i := range results {
			done := results[i].(finished)
			c.Result = append(c.Result, done.name)
			results[i] = done.result
		}
	})
	return results
}

// Pid implements sys.Self. It is not recorded: it is in the first line.
func (k *Kernel) Pid() int { return k.kernel.Pid() }

// BecomeSubreaper implements sys.Self.
func (k *Kernel) BecomeSubreaper() error {
	began := k.kernel.Now()
	err := k.kernel.BecomeSubreaper()
	k.record(began, "subreaper", err, nil)
	return err
}

// Foreground implements sys.Terminal.
func (k *Kernel) Foreground() (pgid int, own bool, err error) {
	began := k.kernel.Now()
	pgid, own, err = k.kernel.Foreground()
	k.record(began, "foreground", err, func(n *names, c *call) {
		if c.Result = []string{n.Pid(pgid), "other"}; own {
			c.Result[1] = "own"
		}
	})
	return pgid, own, err
}

// SetForeground implements sys.Terminal.
func (k *Kernel) SetForeground(pgid int) error {
	began := k.kernel.Now()
	err := k.kernel.SetForeground(pgid)
	k.record(began, "set-foreground", err, func(n *names, c *call) { c.Args = []string{n.Pid(pgid)} })
	return err
}

// Modes implements sys.Terminal.
func (k *Kernel) Modes() (syscall.Termios, error) {
	began := k.kernel.Now()
	modes, err := k.kernel.Modes()
	k.record(began, "modes", err, nil)
	return modes, err
}

// SetModes implements sys.Terminal.
func (k *Kernel) SetModes(modes syscall.Termios) error {
	began := k.kernel.Now()
	err := k.kernel.SetModes(modes)
	k.record(began, "set-modes", err, nil)
	return err
}

// StopSelf implements sys.Terminal.
func (k *Kernel) StopSelf() (stopped bool, err error) {
	began := k.kernel.Now()
	stopped, err = k.kernel.StopSelf()
	k.record(began, "stop-self", err, func(_ *names, c *call) {
		if stopped {
			c.Result = []string{"continued"}
		}
	})
	return stopped, err
}
