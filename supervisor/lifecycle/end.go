package lifecycle

// mainEnded is the end of a run by itself. Its leftovers are killed at once, so
// that the restart keeps its schedule.
func mainEnded(t *turn) {
	t.exit()
	if t.State.Occupied {
		t.Do |= DoKill
	}
	if t.now-t.State.ExecAt >= t.p.Backoff.ResetAfter {
		t.State.Attempt = 0
	}
	t.again()
}

func (t *turn) exit() {
	t.State.Alive, t.State.Occupied = false, !t.e.Empty
	t.State.Last = t.e.Outcome
}

// oldGone is the end of the last of a generation.
func oldGone(t *turn) {
	t.State.Occupied = false
	t.proceed()
}

// proceed continues after the old generation, spawned or not, is gone.
func (t *turn) proceed() {
	switch s := &t.State; {
	case !t.gone():
	case s.Phase == Stopping && s.Wanted:
		startAnew(t)
	case s.Phase == Stopping:
		t.enter(Stopped, Never)
	case s.Phase == Backoff && s.Due:
		t.begin()
	case s.Phase == Exited, s.Phase == Failed:
		s.Stuck, s.Deadline = false, Never
	}
}

// delayOver starts the service again, unless something of its old generation
// is still there; then it waits for that to go.
func delayOver(t *turn) {
	switch {
	case t.gone():
		t.begin()
	case t.State.Due:
		unkillable(t)
	default:
		t.State.Due, t.State.Deadline = true, t.after(t.p.KillWait)
	}
}

func unkillable(t *turn) { t.State.Stuck, t.State.Deadline = true, Never }

// spawnedTooLate is a program that was executed after its start was given up. What is
// said of its KILL waits for that KILL.
func spawnedTooLate(t *turn) {
	t.State.Spawning, t.State.Alive, t.State.Occupied = false, true, true
	if t.State.Due {
		t.State.Stuck, t.State.Deadline = false, t.afterwards(t.p.KillWait)
	}
	t.Do |= DoKill
}

// abortedStart is the failure of a start that is not wanted any more.
func abortedStart(t *turn) {
	t.State.Spawning = false
	t.proceed()
}

// leftoverExited is the end of a program that was executed too late. It says
// nothing about the service: Last keeps the reason.
func leftoverExited(t *turn) {
	t.State.Alive, t.State.Occupied = false, !t.e.Empty
	t.proceed()
}
