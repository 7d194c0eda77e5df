package lifecycle

import "time"

// begin asks for a new generation.
func (t *turn) begin() {
	t.enter(Starting, t.afterwards(t.p.StartTimeout))
	t.State.Generation++
	t.State.Spawning = true
	if t.State.Counted {
		t.State.Restarts++
		t.State.Counted = false
	}
	t.Do |= DoSpawn
}

// startAnew obeys the operator, who thereby forgives what was before.
func startAnew(t *turn) {
	t.State.Wanted, t.State.Attempt, t.State.Retries, t.State.Counted = true, 0, 0, false
	if t.gone() {
		t.begin()
		return
	}
	// Never two generations at once: the leftovers of the old one were killed
	// when its main process ended, and have to go first.
	t.enter(Backoff, t.after(t.p.KillWait))
	t.State.Due = true
}

func nowRunning(t *turn) {
	t.State.Spawning, t.State.Alive, t.State.Occupied = false, true, true
	t.State.ExecAt, t.State.Retries = t.e.ExecAt, 0
	t.enter(Running, Never)
}

func startFailed(t *turn) {
	t.State.Spawning, t.State.Last = false, t.e.Outcome
	if t.e.Machine {
		t.retry()
		return
	}
	t.State.Retries = 0 // the machine did its part
	if t.p.FailFast && t.State.Generation == 1 {
		t.enter(Failed, Never)
		return
	}
	t.again()
}

// startTimedOut gives a hanging start up. It blames the machine: a program that
// was never executed has done nothing wrong.
func startTimedOut(t *turn) {
	t.State.Last = Outcome{Cause: StartTimeout, Err: "the start took longer than start_timeout (" + t.p.StartTimeout.String() + ")"}
	t.Do |= DoAbort
	t.retry()
}

// retry waits for another try that is not counted as a restart.
func (t *turn) retry() {
	t.State.Retries++
	t.wait()
	t.State.Deadline = max(t.State.Deadline, t.after(MinRetry))
}

// MinRetry is the least delay of a retry. It keeps retries from becoming a busy
// loop where the schedule has no delay: a machine that is out of processes does not
// recover in no time.
const MinRetry = 10 * time.Millisecond

// again applies the policy after the end of a run, or of a start that failed
// because of the program.
func (t *turn) again() {
	switch s := &t.State; {
	case !t.p.wantsRestart(s.Last) && s.Last.Success():
		t.rest(Exited)
	case !t.p.wantsRestart(s.Last), t.p.exhausted(s.Attempt):
		t.rest(Failed)
	default:
		s.Attempt++
		s.Counted = true
		t.wait()
	}
}

// wait enters Backoff for as long as the schedule says.
func (t *turn) wait() {
	n := t.State.Attempt + t.State.Retries
	t.enter(Backoff, t.after(Delay(t.p.Backoff, n, t.e.U)))
}

// rest enters a phase that only the operator ends. Leftovers, which were killed
// in the same step, get KillWait to be gone.
func (t *turn) rest(p Phase) {
	t.enter(p, Never)
	if t.State.Occupied {
		t.State.Deadline = t.afterwards(t.p.KillWait)
	}
}
