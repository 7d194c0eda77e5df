package lifecycle

// stopMain gives the whole generation its grace.
func stopMain(t *turn) {
	t.State.Wanted = false
	t.enter(Stopping, t.afterwards(t.p.StopTimeout))
	t.Do |= DoTerm
}

// killAll is a stop without grace.
func killAll(t *turn) {
	t.State.Wanted = false
	t.enter(Stopping, t.afterwards(t.p.KillWait))
	t.State.Killed = true
	t.Do |= DoKill
}

// stopStart stops a start that has no process yet: nothing can be signalled before the
// start has its result, so the grace begins then.
func stopStart(t *turn) {
	t.State.Wanted = false
	t.enter(Stopping, t.after(t.p.StopTimeout))
}

func killStart(t *turn) {
	t.State.Wanted = false
	t.enter(Stopping, t.afterwards(t.p.KillWait))
	t.State.Killed = true
	t.Do |= DoAbort
}

// stopWaiting ends a backoff. Leftovers of the last run were killed when it
// ended; the stop is over when they are gone.
func stopWaiting(t *turn) {
	t.State.Wanted, t.State.Counted = false, false
	if t.gone() {
		t.enter(Stopped, Never)
		return
	}
	stuck := t.State.Stuck
	t.enter(Stopping, t.after(t.p.KillWait))
	t.State.Killed = true
	if stuck {
		unkillable(t)
	}
}

// startAfter makes a stop into a restart.
func startAfter(t *turn) { t.State.Wanted = true }

func stayStopping(t *turn) {
	t.Ignored = AlreadyDown
	if t.State.Wanted {
		t.State.Wanted, t.Ignored = false, ""
	}
}

// killNow escalates at once.
func killNow(t *turn) {
	t.State.Wanted = false
	killed, stuck, deadline := t.State.Killed, t.State.Stuck, t.State.Deadline
	t.escalate()
	if killed { // asking again does not put off the answer
		t.State.Stuck, t.State.Deadline, t.counts = stuck, deadline, false
	}
}

// graceOver escalates: first KILL, then the answer that it did not help.
func graceOver(t *turn) {
	if t.State.Killed {
		unkillable(t)
		return
	}
	t.escalate()
}

func (t *turn) escalate() {
	t.State.Killed, t.State.Stuck, t.State.Deadline = true, false, t.afterwards(t.p.KillWait)
	if t.State.Spawning {
		t.Do |= DoAbort
		return
	}
	t.Do |= DoKill
}

// spawnedToStop signals a program that was stopped before it was spawned.
func spawnedToStop(t *turn) {
	t.State.Spawning, t.State.Alive, t.State.Occupied = false, true, true
	t.State.ExecAt = t.e.ExecAt
	if t.State.Killed {
		t.State.Stuck, t.State.Deadline = false, t.afterwards(t.p.KillWait)
		t.Do |= DoKill
		return
	}
	t.State.Deadline = t.afterwards(t.p.StopTimeout)
	t.Do |= DoTerm
}

func mainStopped(t *turn) {
	t.exit()
	t.proceed()
}
