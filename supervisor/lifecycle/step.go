package lifecycle

import (
	"fmt"
	"time"
)

// Result is what a step came to.
type Result struct {
	State   State
	Do      Effects
	Ignored Reason // why nothing changed; empty if something did

	counts bool // the deadline counts from the effects
}

// Step decides. Every pair of phase and event is in the table; one that cannot
// happen panics, because then the loop and this package no longer agree.
func Step(p Policy, s State, e Event, now time.Duration) Result {
	cell := table[s.Phase][e.Kind]
	if cell == nil {
		panic(fmt.Sprintf("lifecycle: event %v in phase %v (%+v)", e.Kind, s.Phase, s))
	}
	t := turn{p: p, e: e, now: now}
	t.State = s
	cell(&t)
	return t.Result
}

// After is the state when its effects have been carried out, which took so long. A
// grace, the wait for KILL and the time for a start count from then: how long gosv
// took to signal, or to ask, is at noOwner's expense. The delay of a restart counts
// from the event, and so does an answer that the step did not put off.
func (r Result) After(took time.Duration) State {
	s := r.State
	if r.counts && s.Deadline < Never-took {
		s.Deadline += took
	}
	return s
}

// turn is a step in progress.
type turn struct {
	Result
	p   Policy
	e   Event
	now time.Duration
}

type cell func(*turn)

var table = [phases][kinds]cell{
	Stopped:  {Start: startAnew, Stop: stayDown, Kill: stayDown, Reset: stayUnfailed},
	Starting: {Start: stayUp, Stop: stopStart, Kill: killStart, Reset: stayUnfailed, Spawned: nowRunning, SpawnFailed: startFailed, Deadline: startTimedOut},
	Running:  {Start: stayUp, Stop: stopMain, Kill: killAll, Reset: stayUnfailed, MainExited: mainEnded},
	Backoff:  {Start: startAnew, Stop: stopWaiting, Kill: stopWaiting, Reset: stayUnfailed, Spawned: spawnedTooLate, SpawnFailed: abortedStart, MainExited: leftoverExited, Emptied: oldGone, Deadline: delayOver},
	Stopping: {Start: startAfter, Stop: stayStopping, Kill: killNow, Reset: stayUnfailed, Spawned: spawnedToStop, SpawnFailed: abortedStart, MainExited: mainStopped, Emptied: oldGone, Deadline: graceOver},
	Exited:   {Start: startAnew, Stop: stayDown, Kill: stayDown, Reset: stayUnfailed, Emptied: oldGone, Deadline: unkillable},
	Failed:   {Start: startAnew, Stop: stayDown, Kill: stayDown, Reset: forgive, Emptied: oldGone, Deadline: unkillable},
}

func stayUnfailed(t *turn) { t.Ignored = NotFailed }

// forgive makes a failed service a stopped one, as if it had never run.
func forgive(t *turn) {
	if !t.gone() {
		t.Ignored = NotEmpty
		return
	}
	t.State.Wanted, t.State.Attempt, t.State.Retries, t.State.Counted = false, 0, 0, false
	t.enter(Stopped, Never)
}

func stayUp(t *turn)   { t.State.Wanted, t.Ignored = true, AlreadyUp }
func stayDown(t *turn) { t.State.Wanted, t.Ignored = false, AlreadyDown }

// enter changes the phase; whatever deadline the old one had is gone with it.
func (t *turn) enter(p Phase, deadline time.Duration) {
	t.State.Phase, t.State.Since, t.State.Deadline = p, t.now, deadline
	t.State.Due, t.State.Killed, t.State.Stuck = false, false, false
}

// after is the instant d from now, without overflow.
func (t *turn) after(d time.Duration) time.Duration {
	if d > Never-t.now {
		return Never
	}
	return t.now + d
}

// afterwards is the instant d after the effects; see [Result.After].
func (t *turn) afterwards(d time.Duration) time.Duration {
	t.counts = true
	return t.after(d)
}

// gone reports whether nothing of the last generation is left, spawned or not.
func (t *turn) gone() bool { return !t.State.Occupied && !t.State.Spawning }
