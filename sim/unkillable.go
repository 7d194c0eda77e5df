package sim

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// checkUnkillable: 22. What is said to outlive KILL is in uninterruptible sleep, or
// out of reach by somebody's doing. While faults keep gosv from seeing or
// signalling, it may be wrong; but KILL has had its time.
func (c *checker) checkUnkillable(n supervisor.Unkillable) {
	t := c.byName[n.Service]
	t.reportedUnkillable = true
	if c.callsMayFail() {
		c.excuse(ruleUnkillable, faultsInjected)
	} else {
		c.decide(ruleUnkillable)
	}
	if n.Left.Spawning {
		if _, aborted := c.abortedSpawns[t.spawn]; !aborted {
			c.fail(ruleUnkillable, "%s is reported as unkillable, but its start was not aborted", n.Service)
		}
		return
	}
	for _, f := range t.instances {
		if since := c.k.Now() - f.killAt; !f.ended && f.killAt >= 0 && since < lifecycle.KillWait {
			c.fail(ruleUnkillable, "%s is reported as unkillable %v after KILL", n.Service, since)
		}
	}
	if !c.mayBeUnkillable(t, 0) {
		c.fail(ruleUnkillable, "%s is reported as unkillable, but can be killed", n.Service)
	}
}

// checkProgress: 22. A main process has KILL as soon as its grace is over, and when
// that has had its time the answer is there.
func (c *checker) checkProgress(t *serviceModel, now time.Duration) {
	f := t.instance
	if t.phase != "stopping" || f == nil || f.ended || f.unreachable || c.s.Attached || t.spawning || t.svc.StopSignal == syscall.SIGKILL {
		return
	}
	late := c.s.maxDelay()
	switch _, aborted := c.abortedSpawns[f.spawn]; {
	case aborted: // its KILL may have been sent before its birth
	case f.termAt >= 0 && f.killAt < 0 && c.overdue(f.termAt, now, t.svc.StopTimeout+late):
		c.fail(ruleStop, "%s: no KILL %v after the stop signal, stop_timeout is %v", t.svc.Name, now-f.termAt, t.svc.StopTimeout)
	case f.killAt >= 0 && c.overdue(max(f.killAt, t.since), now, lifecycle.KillWait+late) && !t.reportedUnkillable:
		c.fail(ruleStop, "%s is stopping %v after KILL", t.svc.Name, now-f.killAt)
	}
}

// mayBeUnkillable reports whether something of a service cannot be killed, or could not
// until a moment ago, or seems so to a gosv that cannot see or signal. ago is how old
// what gosv knows may be beside that.
func (c *checker) mayBeUnkillable(t *serviceModel, ago time.Duration) bool {
	if c.callsMayFail() {
		return true
	}
	for _, f := range t.instances {
		if f.lastDeath > 0 && c.k.Now()-f.lastDeath <= c.detectionBound()+c.s.maxDelay()+ago {
			return true
		}
	}
	return slices.ContainsFunc(c.k.Processes(), func(p fakesys.Process) bool {
		f := c.instanceOf[p.Pid]
		return f != nil && f.of == t && c.unkillable(p)
	})
}

// callsMayFail reports whether gosv may be unable to look or to signal. What it names then it
// cannot kill, whoever could.
func (c *checker) callsMayFail() bool { return c.s.Machine.Faults != nil || c.s.Machine.MaxFiles > 0 }

// unkillable reports whether a process cannot be killed: it is in uninterruptible sleep,
// or somebody has put it out of gosv's reach.
func (c *checker) unkillable(p fakesys.Process) bool {
	f := c.instanceOf[p.Pid]
	return p.Blocked || f != nil && f.unreachable
}

// finalCleanup is how long gosv may try to remove its cgroups after it has looked at what
// cannot be killed for the last time.
const finalCleanup = 5 * time.Second

// unfindableOrphans reports whether an entry is about orphans that gosv can neither find nor wait for.
func unfindableOrphans(l supervisor.Leftover) bool { return l.Service == "" && len(l.PIDs) == 0 }

// checkReportedUnkillable: 22. What gosv names as unkillable at its end cannot be killed.
func (c *checker) checkReportedUnkillable() {
	for _, entry := range c.r.Result.Unkillable {
		if unfindableOrphans(entry) {
			if !c.callsMayFail() {
				c.broken(ruleUnkillable, fmt.Sprintf("gosv says that there are %v, and nothing is in its way", entry))
			}
			continue
		}
		if entry.Service == "" {
			c.checkNamedOrphan(entry)
			continue
		}
		switch t := c.byName[entry.Service]; {
		case t == nil:
			c.broken(ruleUnkillable, fmt.Sprintf("%v is said to be unkillable, and is no service", entry))
		case t.spawning:
			if _, aborted := c.abortedSpawns[t.spawn]; !aborted {
				c.broken(ruleUnkillable, fmt.Sprintf("%v is said to be unkillable, and its start was not aborted", entry))
			}
		case !c.mayBeUnkillable(t, finalCleanup):
			c.broken(ruleUnkillable, fmt.Sprintf("%v is said to be unkillable, and is not", entry))
		}
	}
}

func (c *checker) checkNamedOrphan(entry supervisor.Leftover) {
	for _, pid := range entry.PIDs {
		if p, ok := c.k.Process(pid); ok && !c.unkillable(p) && p.State != 'Z' && !c.callsMayFail() {
			c.broken(ruleStop, fmt.Sprintf("%v is said to be unkillable, and is not", entry))
		}
	}
}

// reportedUnkillableAtEnd reports whether gosv has named a process, or its service, at its end.
func (c *checker) reportedUnkillableAtEnd(pid int, f *instanceModel) bool {
	return slices.ContainsFunc(c.r.Result.Unkillable, func(entry supervisor.Leftover) bool {
		return entry.Service == f.of.svc.Name || entry.Service == "" && slices.Contains(entry.PIDs, pid) || unfindableOrphans(entry)
	})
}

// startsAreNamed reports whether gosv has named the services of all starts that have no
// result.
func (c *checker) startsAreNamed() bool {
	return !slices.ContainsFunc(c.order, func(t *serviceModel) bool {
		return t.spawning && !slices.ContainsFunc(c.r.Result.Unkillable, func(entry supervisor.Leftover) bool { return entry.Service == t.svc.Name })
	})
}

// checkLeftProcesses: 24. What lives after gosv's end cannot be killed, and is named.
func (c *checker) checkLeftProcesses() {
	for _, p := range c.k.Processes() {
		f := c.instanceOf[p.Pid]
		if f == nil || p.State == 'Z' && !p.Blocked || f.unreachable || f.previous && c.leftoverReported || (c.callsMayFail() || c.belowTheUnkillable(p)) && c.reportedUnkillableAtEnd(p.Pid, f) {
			continue
		}
		c.broken(ruleNothingLeft, "after the end "+p.String()+" lives")
	}
}

// belowTheUnkillable reports whether a process cannot be killed, or is a child of one that
// cannot, or was until a moment ago: where no cgroup tells whose it is, gosv knows it
// only when it has adopted it.
func (c *checker) belowTheUnkillable(p fakesys.Process) bool {
	for ok := true; ok && p.Pid != c.self; p, ok = c.k.Process(p.Ppid) {
		if c.unkillable(p) || c.k.Now()-c.signals[p.Pid].reparentedAt <= c.detectionBound()+c.s.maxDelay() {
			return true
		}
	}
	return false
}

// heldByTheUnkillable reports whether a cgroup cannot be removed for what lives in it.
func (c *checker) heldByTheUnkillable(g string) bool {
	if c.callsMayFail() && len(c.r.Result.Unkillable) > 0 {
		return true
	}
	group := path.Join("/", c.s.Machine.Cgroups.Own, g)
	return slices.ContainsFunc(c.k.Processes(), func(p fakesys.Process) bool {
		return (p.Cgroup == group || strings.HasPrefix(p.Cgroup, group+"/")) && c.unkillable(p)
	})
}

// checkLeftBehind: 24. What a dead gosv left is left alone only if it cannot be killed.
func (c *checker) checkLeftBehind(n supervisor.ReclaimFailed) {
	if c.s.Machine.Faults != nil || c.s.Machine.MaxFiles > 0 {
		return
	}
	for _, p := range c.k.Processes() {
		if c.unkillable(p) && c.inDeadGroup(p.Pid) {
			return
		}
	}
	c.fail(ruleNothingLeft, "%s", n)
}
