package fakesys

import "time"

// Now is the virtual CLOCK_MONOTONIC. It goes on in Wait, in a call that is slow
// (Faults.SlowCall), and in any call of a gosv that was stopped; to read it takes no
// time.
func (w *World) Now() time.Duration { return w.now }

// Wall is the virtual CLOCK_REALTIME.
func (w *World) Wall() time.Time { return w.wall.Add(w.now) }

// StepWall moves the wall clock, forwards or back, as an administrator or NTP
// does. Nothing else notices.
func (w *World) StepWall(by time.Duration) {
	w.wall = w.wall.Add(by)
	w.Fire(WallSteps)
	w.note(0, EvAction, int(by), 0, "wall clock steps", 0)
}

// Suspend puts the machine to sleep for a while and wakes it: CLOCK_MONOTONIC
// stands still, the wall clock and the boot clock (/proc/uptime) go on.
func (w *World) Suspend(by time.Duration) {
	w.wall = w.wall.Add(by)
	w.asleep += by
	w.Fire(Suspend)
	w.note(0, EvAction, int(by), 0, "the machine was suspended", 0)
}

// Draw answers from the choices.
func (k *Kernel) Draw(label string, n int) int {
	k.call()
	v := k.choose(label, n)
	k.done(OpDraw, v, n, label, nil)
	return v
}
