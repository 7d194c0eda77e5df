package sim

import (
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/testproc"
)

// hardLimit times its budget of steps is the most that a run takes. The budget ends what
// happens to it; then it needs steps to converge.
const hardLimit = 20

// stepsAreUsedUp ends faults and actions, stops the services whose programs keep exiting,
// because they would take all further steps, and lets the others converge.
func (c *checker) stepsAreUsedUp() {
	c.stepsUsedUp = true
	c.heal()
	if c.ending < 0 && !c.s.Attached && !c.killed() {
		for _, t := range c.order {
			if !t.lasting && t.wanted {
				c.commanded(t.svc.Name, lifecycle.Stop)
				_ = c.sup.Post(supervisor.Command{Kind: lifecycle.Stop, Service: t.svc.Name}) // fails only after the end
			}
		}
	}
	c.k.At(c.k.Now()+c.s.convergence(), "end", c.end)
}

// converged is when everything must have recovered.
func (c *checker) converged() time.Duration {
	return max(c.healedAt, c.lastActionAt, c.disturbedAt) + c.s.convergence()
}

// endWhenConverged ends the run. If the scenario leaves time to converge, and something
// has happened late, the end waits for the bound.
func (c *checker) endWhenConverged() {
	planned := c.s.EndAt >= c.s.HealAt+c.s.convergence() && len(c.s.Fails)+len(c.s.Slow)+len(c.s.Crashes) == 0
	if at := c.converged(); planned && c.healed && c.ending < 0 && !c.over && c.k.Now() < at && at < c.s.EndAt+c.s.convergence() {
		c.k.At(at, "end", c.end)
		return
	}
	c.end()
}

// endLiveness applies rule 21: when everything has healed and the bound of convergence has
// passed, each wanted service whose program does not exit by itself runs.
func (c *checker) endLiveness() {
	if c.ending >= 0 || !c.healed || c.k.Now() < c.converged() {
		c.excuse(ruleLiveness, endedEarly)
		return
	}
	c.checkLeaves()
	for _, t := range c.order {
		switch why := c.excusesLiveness(t); {
		case why != excuseCount:
			c.excuse(ruleLiveness, why)
		case t.phase != "running":
			c.broken(ruleLiveness, t.svc.Name+" is "+t.phase)
		default:
			c.decide(ruleLiveness)
		}
	}
}

// excusesLiveness returns why a service need not run at the end, or excuseCount.
func (c *checker) excusesLiveness(t *serviceModel) Excuse {
	final := t.phase == "failed" || t.phase == "exited"
	exited := t.instance != nil && t.instance.ended
	switch {
	case !t.lasting || !t.wanted:
		return nothingWanted
	case final && t.interfered:
		return interference
	case final && t.programBlamed, exited && t.instance.status.Code == 98, exited && t.instance.status.Code == 99:
		return programAtFault
	case t.hasOldProcesses():
		return oldProcesses
	case t.phase == "stopping" && t.reportedUnkillable && c.mayBeUnkillable(t, 0):
		return unkillableLeft
	case t.phase != "running" && t.refusedAt > c.healedAt:
		return resourcesExhausted
	}
	return excuseCount
}

// hasOldProcesses reports whether gosv waits for living processes: of an older instance,
// or out of its reach.
func (t *serviceModel) hasOldProcesses() bool {
	return slices.ContainsFunc(t.instances, func(f *instanceModel) bool {
		return f.living > 0 && (f.main != t.main || f.unreachable)
	})
}

// lasts reports whether a service can be started on a healthy machine and its program never
// exits by itself.
func (s Scenario) lasts(svc *Service) bool {
	if svc.File != fakesys.Program || svc.TooLong || svc.Dir == noDir || svc.StartTimeout < 10*time.Millisecond {
		return false // a start takes some milliseconds
	}
	if svc.Limits.Any() && s.Cgroup == config.CgroupRequire {
		return false // not every machine has the limits
	}
	ops, err := testproc.Parse(svc.Script)
	return svc.Lasting || err == nil && runsForever(ops)
}

// runsForever reports whether a list of operations never comes to its end.
func runsForever(ops []testproc.Op) bool {
	for _, op := range ops {
		switch op.Verb {
		case testproc.Exit, testproc.Die, testproc.Stop, testproc.Setsid:
			return false
		case testproc.On:
			if op.Sig == syscall.SIGCHLD {
				return false
			}
		case testproc.Loop:
			return !slices.ContainsFunc(op.Body, func(op testproc.Op) bool { return op.Verb == testproc.Exit || op.Verb == testproc.Die })
		case testproc.Sleep, testproc.Block:
			if op.Time == testproc.Forever {
				return true
			}
		}
	}
	return false
}
