package fakesys

import "time"

// Now is the virtual CLOCK_MONOTONIC. It advances in Wait, in a slow call
// (Faults.SlowCall) and in any call of a stopped gosv. Reading it takes no time.
func (w *World) Now() time.Duration { return w.now }

// Wall is the virtual CLOCK_REALTIME.
func (w *World) Wall() time.Time { return w.wall.Add(w.now) }

// StepWall sets the wall clock forwards or back, as an administrator or NTP does. No other
// clock changes.
func (w *World) StepWall(by time.Duration) {
	w.wall = w.wall.Add(by)
	w.Fire(WallSteps)
	w.note(0, EvAction, int(by), 0, "wall clock steps", 0)
}

// Suspend suspends the machine and resumes it: CLOCK_MONOTONIC stands still, while the
// wall clock and the boot clock (/proc/uptime) advance.
func (w *World) Suspend(by time.Duration) {
	w.wall = w.wall.Add(by)
	w.asleep += by
	w.Fire(Suspend)
	w.note(0, EvAction, int(by), 0, "the machine was suspended", 0)
}

// Draw returns a random number from the choices.
func (k *Kernel) Draw(label string, n int) int {
	k.call()
	v := k.choose(label, n)
	k.done(OpDraw, v, n, label, nil)
	return v
}
