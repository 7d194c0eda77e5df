package sim

import (
	"path"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// signalLog is what gosv has said to a process, and when; -1: never.
type signalLog struct {
	stop, cont   time.Duration
	stopped      time.Duration // when it was stopped last
	reparentedAt time.Duration // when its parent had died
}

func (c *checker) signalSent(n fakesys.Note, f *instanceModel) {
	switch h := &c.signals[n.N]; syscall.Signal(n.M) {
	case f.of.svc.StopSignal:
		// In gosv --run a key may have sent it. And gosv cannot know whether a process left
		// its group before the signal or at the same instant after it.
		c.decide(ruleStopOnce)
		if h.stop > f.leftAt && h.stop >= 0 && n.M != int(syscall.SIGKILL) && !c.s.Attached {
			c.fail(ruleStopOnce, "%s: the stop signal to PID %d a second time, which many programs take for KILL", f.of.svc.Name, n.N)
		}
		h.stop = n.At
	case syscall.SIGCONT:
		if h.cont < f.termAt {
			c.checkContinued(f, n)
		}
		h.cont = n.At
	}
}

// checkStopReached: 9. The grace is for every process that gosv can reach, and not only
// for the main one: who lived when it began has had the stop signal, and could act
// on it. Graces too short to look around in prove nothing.
func (c *checker) checkStopReached(f *instanceModel, n fakesys.Note) {
	p, ok := c.k.Process(n.N)
	if !ok || p.State == 'Z' {
		return
	}
	switch {
	case c.callsMayFail():
		c.excuse(ruleStopReach, faultsInjected)
		return
	case f.of.svc.StopTimeout < time.Second || c.s.pauses() > 0:
		c.excuse(ruleStopReach, shortGrace)
		return
	}
	if (n.N != f.main || f.ended) && (!c.inOwnCgroup(f, p) || p.Start >= f.termAt && !c.forkedLongAgo(f, p)) {
		c.excuse(ruleStopReach, outOfReach)
		return
	}
	c.decide(ruleStopReach)
	switch h := c.signals[n.N]; {
	case h.stop < 0:
		c.fail(ruleStopReach, "%s: KILL to PID %d, which got no stop signal although other processes did", f.of.svc.Name, n.N)
	case p.Frozen && f.frozenAt < f.termAt && !c.s.Machine.Cgroups.NoKillFile:
		c.fail(ruleStopReach, "%s: KILL to PID %d, which is frozen and was not thawed to handle the stop signal", f.of.svc.Name, n.N)
	case p.State == 'T' && h.cont < f.termAt:
		c.fail(ruleStopReach, "%s: KILL to PID %d, which is stopped and was not continued to handle the stop signal", f.of.svc.Name, n.N)
	}
}

// forkedLongAgo reports whether somebody who was born during the grace has lived for so long,
// after the main process, that gosv has looked at all that is left: it looks again
// at least every half second. One that has left the group since it was born had CONT
// with that.
func (c *checker) forkedLongAgo(f *instanceModel, p fakesys.Process) bool {
	const secondEndAt = 500 * time.Millisecond
	if main, ok := c.k.Process(f.main); ok && main.Traced {
		return false // its end is its tracer's to know
	}
	return f.ended && p.Pgid != f.main && c.signals[p.Pid].cont < 0 && c.k.Now()-max(p.Start, f.endedAt) > secondEndAt+c.detectionBound()+c.s.maxDelay()
}

// checkContinued: 9. Who is stopped when the grace begins is continued at once, and not
// when most of it is over.
func (c *checker) checkContinued(f *instanceModel, n fakesys.Note) {
	p, _ := c.k.Process(n.N)
	if p.State == 'T' && c.signals[n.N].stopped <= f.termAt && (n.N == f.main || c.inOwnCgroup(f, p)) {
		c.checkSoon(f, n, "continued")
	}
}

// checkThawed is the same of a frozen cgroup.
func (c *checker) checkThawed(dir string, n fakesys.Note) {
	t := c.byName[path.Base(path.Dir(dir))]
	if t == nil || t.instance == nil || !t.instance.frozen {
		return
	}
	f := t.instance
	if f.frozen = false; f.frozenAt <= f.termAt {
		c.checkSoon(f, n, "thawed")
	}
}

func (c *checker) checkSoon(f *instanceModel, n fakesys.Note, done string) {
	if after := n.At - f.termAt; f.termAt >= 0 && after > c.detectionBound()+c.s.maxDelay() && !c.callsMayFail() && !c.s.Attached {
		c.fail(ruleStopReach, "%s: it is %s only %v after the stop signal", f.of.svc.Name, done, after)
	}
}

// inOwnCgroup reports whether a process is in a cgroup of its service's own. What a stranger
// took elsewhere, and what leads a session below a process that lives, cannot be told
// from a stranger.
func (c *checker) inOwnCgroup(f *instanceModel, p fakesys.Process) bool {
	return c.inDeadGroup(p.Pid) && path.Base(path.Dir(p.Cgroup)) == f.of.svc.Name
}

// oomKilled notes the deeds of the OOM killer.
func (c *checker) oomKilled(n fakesys.Note) {
	if n.Who != 0 || syscall.Signal(n.M) != syscall.SIGKILL {
		return
	}
	f := c.instanceOf[n.N]
	all := c.k.Fired()[fakesys.OOMKill]
	if all == c.oomKills && (c.oomKilledAt != n.At || c.oomService != nil && (f == nil || f.of != c.oomService)) {
		return // somebody else's, at the same instant
	}
	c.oomKills, c.oomKilledAt, c.oomService = all, n.At, nil
	if f != nil {
		c.oomService, f.oom = f.of, true // it may take several
		if p, _ := c.k.Process(n.N); f.oomAt == 0 && c.inOwnCgroup(f, p) {
			f.oomAt = n.At
		}
	}
}

// checkSecondEnd: 23. Whoever tells gosv a second time that it is to end does not wait
// for any grace: what lives of a service has KILL, and a start is given up.
func (c *checker) checkSecondEnd(t *serviceModel, now time.Duration) {
	if c.secondEndAt == 0 || t.phase != lifecycle.Stopping.String() || !c.overdue(c.secondEndAt, now, c.killBound()) {
		return
	}
	f := t.instance
	_, aborted := c.abortedSpawns[t.spawn]
	switch {
	case c.s.Attached:
		c.excuse(ruleSecondEnd, attached)
		return
	case t.spawning && aborted:
		c.excuse(ruleSecondEnd, startAborted)
		return
	case !t.spawning && f != nil && f.unreachable:
		c.excuse(ruleSecondEnd, outOfReach)
		return
	case c.s.Machine.MaxFiles > 0:
		c.excuse(ruleSecondEnd, faultsInjected) // every pidfd_open may fail
		return
	case !t.spawning && (f == nil || f.living == 0 || f.killed):
		c.decide(ruleSecondEnd)
		return
	}
	c.fail(ruleSecondEnd, "%s still has its grace, although gosv got a second signal to end", t.svc.Name)
}

// killBound is how long gosv may need to kill what lives. A call that fails is retried.
func (c *checker) killBound() time.Duration {
	if c.callsMayFail() {
		return c.s.maxDelay() + c.detectionBound()
	}
	return c.s.maxDelay()
}

// checkEndsAlone: 21. gosv ends by itself only when all services have.
func (c *checker) checkEndsAlone() {
	for _, t := range c.order {
		if c.ending < 0 && c.r.Result.Err == nil && t.phase != "exited" && t.phase != "failed" {
			c.broken(ruleLiveness, "gosv has ended by itself, and "+t.svc.Name+" is "+t.phase)
		}
	}
}
