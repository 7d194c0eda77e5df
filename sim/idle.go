package sim

import (
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// quiescent checks what must hold when gosv waits.
func (c *checker) quiescent(n fakesys.Note) {
	c.checkShutdownTurn()
	if time.Duration(n.N) <= n.At {
		return
	}
	c.checkDescriptors()
	limit := c.detectionBound() + c.s.maxDelay()
	if c.mayMissProcesses() {
		c.mayMissAt = n.At
	}
	if c.starting() || c.mayMissProcesses() {
		c.birth = n.At
	}
	c.checkStops(n.At, limit)
	c.checkZombies(n.At, limit)
}

// checkZombies checks rule 3: no child of gosv has been a zombie for longer than its
// detection takes, unless it is held, as the leader of an instance with survivors. A held
// zombie hides the zombies of processes made with CLONE_PARENT.
func (c *checker) checkZombies(now, limit time.Duration) {
	for pid, at := range c.died {
		if at < 0 || !c.overdue(max(at, c.birth), now, limit) {
			continue
		}
		if p, ok := c.k.Process(pid); !ok || p.Ppid != c.self || p.Traced {
			continue
		} else if p.Sibling && (c.holding() || !c.overdue(c.leaderReapedAt, now, limit)) {
			continue // a held zombie hides it, or did until now
		}
		if f := c.instanceOf[pid]; f != nil && f.main == pid && (f.living > 0 || !c.overdue(f.lastDeath, now, limit)) {
			continue
		}
		c.fail(ruleZombies, "PID %d has been a zombie for %v", pid, now-at)
	}
}

// checkStops checks rule 22: a stop ends, or "unkillable" is reported, when the grace and
// the wait for KILL have passed. Both start again after a spawn that came too late.
func (c *checker) checkStops(now, slack time.Duration) {
	for _, t := range c.order {
		if t.phase == "backoff" && t.due >= 0 && now > t.due {
			c.checkLate(t, now)
		}
		c.checkResolved(t, now, slack)
		c.checkSecondEnd(t, now)
		c.checkProgress(t, now)
		if t.phase == "stopping" && c.overdue(t.since, now, 2*(t.svc.StopTimeout+lifecycle.KillWait)+slack) && !t.reportedUnkillable {
			c.fail(ruleStop, "%s is stopping since %v", t.svc.Name, t.since)
		}
	}
}

// detectionBound is how long gosv may take to see that something has ended. It may need two
// looks at all processes, and be stopped before each.
func (c *checker) detectionBound() time.Duration {
	f := c.s.Machine.Faults
	switch {
	case f == nil:
		return time.Second
	case f.LostExit > 0 || f.LateExit > 0 || f.LostWatch > 0 || f.LostJob > 0 || f.Calls != nil || f.Hook != nil:
		return safetyNet
	}
	return time.Second + 2*(f.StarveBy+f.LateJobBy)
}

// safetyNet is the period of the supervisor's safety reap plus one second.
const safetyNet = 31 * time.Second

func (c *checker) starting() bool {
	for _, t := range c.order {
		if t.phase == "starting" || t.phase == "stopping" {
			return true
		}
	}
	return false
}

// mayMissProcesses reports whether gosv may be unable to see who lives: then it holds on to
// what it has.
func (c *checker) mayMissProcesses() bool {
	if f := c.s.Machine.Faults; f != nil && !c.healed {
		if f.TornProc > 0 {
			return true
		}
		for _, call := range f.Calls {
			if call.Op == fakesys.OpReadFile || call.Op == fakesys.OpReadDir {
				return true
			}
		}
	}
	return c.s.Machine.MaxFiles > 0 && c.k.Descriptors() >= c.s.Machine.MaxFiles
}

// holding reports whether a dead main process is held for its survivors.
func (c *checker) holding() bool {
	for pid, at := range c.died {
		if f := c.instanceOf[pid]; at >= 0 && f != nil && f.main == pid && f.living > 0 {
			return true
		}
	}
	return false
}
