package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// legalTransitions are the allowed successors of each phase. They are written down here so
// that an error in lifecycle's table cannot cancel out.
var legalTransitions = map[string]string{
	"stopped": "starting", "starting": "running backoff stopping failed exited", "running": "backoff stopping exited failed",
	"backoff": "starting stopping stopped", "stopping": "stopped starting", "exited": "starting backoff", "failed": "starting backoff",
}

// Changed implements supervisor.Observer: what the supervisor says is compared
// with what is true.
func (c *checker) Changed(ch supervisor.Change) {
	if c.keep {
		c.r.Changes = append(c.r.Changes, ch)
	}
	t := c.byName[ch.Service]
	to := ch.State.Phase.String()
	c.shutsDown(t, ch)
	c.checkDeadline(t, ch)
	if ch.From.String() != t.phase {
		c.fail(ruleEvents, "%s goes from %v, and was %s", ch.Service, ch.From, t.phase)
	}
	if t.startedEarly && ch.Cause != lifecycle.Start {
		c.fail(ruleDelay, "%s was started before its delay was over, by %v", ch.Service, ch.Cause)
	}
	t.startedEarly = false
	if t.phase != to && !contains(legalTransitions[t.phase], to) {
		c.fail(ruleTransitions, "%s goes from %s to %s by %v", ch.Service, t.phase, to, ch.Cause)
	}
	c.decide(ruleTransitions)
	c.decide(ruleEvents)
	if t.phase == to {
		if ch.Cause == lifecycle.Start && to == "backoff" {
			t.attempt, t.retries, t.due = 0, 0, -1
		}
		return
	}
	if c.starting() {
		c.birth = ch.At
	}
	if ch.From == lifecycle.Stopping {
		c.stopEnded(t, ch)
	}
	t.phase, t.since = to, ch.At
	c.afterChange(t, ch)
	switch {
	case ch.Cause == lifecycle.MainExited && ch.From != lifecycle.Backoff:
		c.checkOutcome(t, ch)
	case ch.State.Phase == lifecycle.Running:
		c.checkRunning(t, ch)
	}
	c.checkStatus(t, ch)
	if ch.Cause == lifecycle.Start || ch.State.Phase == lifecycle.Stopped || ch.From == lifecycle.Stopping {
		t.attempt, t.retries, t.due = 0, 0, -1
	}
	if ch.State.Phase == lifecycle.Stopping {
		t.due = -1 // an operator's Start does not wait for it
	}
	if ch.State.Phase == lifecycle.Running {
		t.retries = 0
	}
	if ch.State.Phase == lifecycle.Backoff && ch.From != lifecycle.Exited && ch.From != lifecycle.Failed {
		c.checkBackoff(t, ch)
	}
	if ch.State.Ended() {
		c.checkEnded(t, ch)
		c.essentialEnded(t, ch.At)
	}
	if ch.State.Phase != lifecycle.Starting { // what refused that is told next
		t.errno = 0
	}
}

// checkOutcome checks rule 11: each exit is reported once, with the kernel's status.
func (c *checker) checkOutcome(t *serviceModel, ch supervisor.Change) {
	f := t.instance
	switch {
	case f == nil || f.main != ch.Pid || !f.ended:
		c.fail(ruleExit, "%s: the exit of PID %d is reported, which has not exited", ch.Service, ch.Pid)
	case f.exitReported:
		c.fail(ruleExit, "%s: the exit of PID %d is reported twice", ch.Service, ch.Pid)
	}
	f.exitReported = true
	c.decide(ruleExit)
	if f.status.Core {
		c.decide(ruleCore)
	}
	if f.oom {
		c.decide(ruleOOM)
	}
	want := lifecycle.Outcome{Cause: lifecycle.ByExit, Code: f.status.Code}
	if f.status.Signal != 0 {
		want = lifecycle.Outcome{Cause: lifecycle.BySignal, Signal: f.status.Signal}
	}
	if f.stolen {
		want = lifecycle.Outcome{Cause: lifecycle.Unknown}
	}
	got := ch.State.Last
	if got.Cause != want.Cause || got.Code != want.Code || got.Signal != want.Signal {
		c.fail(ruleExit, "%s: PID %d ended by %v, but %v is reported", ch.Service, ch.Pid, want, got)
	}
	if got.Core != f.status.Core && got.Cause == lifecycle.BySignal {
		c.fail(ruleCore, "%s: that %d has left a core is %v, and %v is told", ch.Service, ch.Pid, f.status.Core, got.Core)
	}
	if f.oomAt > 0 && f.oomAt <= f.endedAt && !got.OOM && f.evicted {
		c.excuse(ruleOOM, outOfReach) // the counter went with the cgroup
	} else if f.oomAt > 0 && f.oomAt <= f.endedAt && !got.OOM && !c.callsMayFail() {
		c.fail(ruleOOM, "%s: the OOM killer ended %d or one of its family, which is not told", ch.Service, ch.Pid)
	}
	if got.OOM && !f.oom {
		c.fail(ruleOOM, "%s: the end of %d is told as one out of memory, which it was not", ch.Service, ch.Pid)
	}
}

// stopEnded counts a stop that has ended.
func (c *checker) stopEnded(t *serviceModel, ch supervisor.Change) {
	c.decideWithin(ruleStop, c.detectionBound())
	if t.reportedUnkillable && c.ending < 0 {
		c.decideWithin(ruleResolved, c.detectionBound())
	}
}

// checkRunning checks rule 12: a running service has an unreaped main process of its own.
func (c *checker) checkRunning(t *serviceModel, ch supervisor.Change) {
	f := c.instanceOf[ch.Pid]
	if t.instance != nil && t.instance.stolen && t.instance.main == ch.Pid {
		return // it is gone, and gosv cannot know yet
	}
	if f == nil || f.of != t || f.main != ch.Pid {
		c.fail(ruleStatus, "%s is said to run as %d, which is no main process of it", ch.Service, ch.Pid)
	}
}

// checkStatus: 12. The published status names the main process while it is known to
// live, and no other.
func (c *checker) checkStatus(t *serviceModel, ch supervisor.Change) {
	c.decide(ruleStatus)
	pid := c.sup.Statuses()[slices.Index(c.order, t)].Pid
	switch f := t.instance; {
	case pid == 0 && ch.State.Alive:
		c.fail(ruleStatus, "%s lives, and its status has no process", ch.Service)
	case pid != 0 && (f == nil || f.main != pid || f.exitReported):
		c.fail(ruleStatus, "the status of %s has process %d, which is no main process of it any more", ch.Service, pid)
	}
}

// Event implements supervisor.Observer.
func (c *checker) Event(_ time.Duration, e supervisor.Event) {
	switch e := e.(type) {
	case supervisor.Unkillable:
		c.checkUnkillable(e)
	case supervisor.ReclaimFailed:
		c.leftoverReported = true
		c.checkLeftBehind(e)
	case supervisor.ScanHung:
		c.checkHangs(e)
	case supervisor.RemovalFailed:
		c.leftoverReported = true
	case supervisor.InstanceKept:
		c.leftoverReported = true
		c.keptInstances++
	case supervisor.InternalError:
		c.fail(ruleNoPanic, "%s", e)
	case supervisor.CgroupFinding:
		c.leftoverReported = c.leftoverReported || e.Finding.LeftBehind
	}
	if text := e.String(); strings.Contains(text, "<nil>") || strings.Contains(text, "%!") {
		c.fail(ruleEvents, "%q is no sentence", text)
	}
}

// checkHangs: 19. A process scan that is given up hangs. Only where calls are slow one
// may seem to.
func (c *checker) checkHangs(e supervisor.ScanHung) {
	if !c.callsMayFail() {
		c.fail(ruleEvents, "%s: and nothing hangs", e)
	}
}

// Dumped implements supervisor.Observer.
func (c *checker) Dumped(string) {}

func contains(words, word string) bool { return slices.Contains(strings.Fields(words), word) }
