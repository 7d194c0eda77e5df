package sim

import (
	"fmt"
	"path"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// called checks rule 18: gosv does not call the kernel endlessly at one instant.
func (c *checker) called(n fakesys.Note) {
	if n.Who != c.self || n.Op >= fakesys.EvAction {
		return
	}
	if n.At != c.callsAt {
		c.callsAt, c.calls = n.At, 0
	}
	if c.calls++; c.calls > mostCalls*(1+len(c.order)) && c.calls > mostLooks*len(c.k.Processes()) {
		c.fail(ruleBusyLoop, "%d calls of gosv, and time stands still", c.calls)
	}
}

// mostCalls is the limit for each service, which a process scan and a dump do not reach.
// mostLooks is the limit for each process, for programs that fork all the time.
const (
	mostCalls = 1000
	mostLooks = 50
)

// countLeaf counts the cgroups of a service's instances.
func (c *checker) countLeaf(dir string, by int) {
	if t := c.byName[path.Base(path.Dir(dir))]; t != nil {
		t.leaves += by
		if by > 0 {
			c.leaf, c.grouped = dir, true
		}
	}
}

// checkLeaves checks rule 24: when everything has healed, a service has one cgroup, not one
// for each of its instances.
func (c *checker) checkLeaves() {
	if f := c.s.Machine.Faults; f != nil && f.LostJob > 0 {
		c.excuse(ruleNothingLeft, faultsInjected) // a job that never returns may be the removal
		return
	}
	for _, t := range c.order {
		if t.leaves > 1 && !t.interfered && !t.hasOldProcesses() && !c.leftoverReported {
			c.broken(ruleNothingLeft, fmt.Sprintf("%s has %d cgroups", t.svc.Name, t.leaves))
		}
	}
}

// checkRemoved and checkGroupKill check rule 14: gosv removes, kills and freezes only
// cgroups that a gosv created.
func (c *checker) checkRemoved(n fakesys.Note) {
	if n.Errno == 0 {
		c.countLeaf(n.Text, -1)
	}
	if n.Errno == 0 && n.Who == c.self {
		c.decide(ruleOwnDirs)
	}
	if n.Errno == 0 && n.Who == c.self && !c.made[n.Text] {
		c.fail(ruleOwnDirs, "gosv removed %s, which it did not create", n.Text)
	}
}

func (c *checker) checkGroupKill(n fakesys.Note) {
	if n.Errno != 0 || n.Who != c.self {
		return
	}
	var file, value string
	if i := len(n.Text) - n.N; i > 0 {
		file, value = n.Text[:i-1], n.Text[i:]
	}
	switch path.Base(file) {
	case "cgroup.kill", "cgroup.freeze":
		if !c.made[path.Dir(file)] {
			c.fail(ruleOwnDirs, "gosv wrote %s to %s, which it did not create", value, file)
		}
		if value == "0" {
			c.checkThawed(path.Dir(file), n)
		}
	}
}

// checkShutdownTurn checks rule 10: a shutdown stops all services in the same turn, so none
// runs unstopped when gosv waits again.
func (c *checker) checkShutdownTurn() {
	if !c.shutting {
		return
	}
	c.shutting = false
	c.decide(ruleShutdownTurn)
	for _, t := range c.order {
		switch t.phase {
		case "starting", "running", "backoff":
			c.fail(ruleShutdownTurn, "%s is %s", t.svc.Name, t.phase)
		case "stopping":
			f := t.instance
			if t.ran && !t.forced && c.s.Machine.Faults == nil && !f.ended && !f.unreachable && f.termAt < 0 {
				c.fail(ruleShutdownTurn, "%s got no stop signal", t.svc.Name)
			}
		}
	}
}

// shutsDown notes that a shutdown has begun, which stops a wanted service.
func (c *checker) shutsDown(t *serviceModel, ch supervisor.Change) {
	if ch.Cause == lifecycle.Stop && t.wanted && c.endTakenAt >= 0 { // otherwise an operator stops it
		c.shutting = true
	}
	t.ran = ch.From == lifecycle.Running
}

// checkDeadline checks rule 15: a change by a deadline comes no earlier than the deadline
// that was published last, so the deadline of an older instance has no effect.
func (c *checker) checkDeadline(t *serviceModel, ch supervisor.Change) {
	if ch.Cause == lifecycle.Deadline {
		c.decide(ruleDeadline)
	}
	if now := c.k.Now(); ch.Cause == lifecycle.Deadline && now < t.deadline {
		c.fail(ruleDeadline, "%s goes from %v %v before its deadline", ch.Service, ch.From, t.deadline-now)
	}
	if t.deadline = ch.State.Deadline; t.deadline == lifecycle.Never {
		t.deadline = 0
	}
}

// checkDescriptors checks rule 16: when gosv waits, it holds a fixed number of descriptors
// and at most three for each service and each spawn, a handle and two pipes.
func (c *checker) checkDescriptors() {
	const fixed, each = 8, 3
	switch {
	case c.jobs > 0:
		c.excuse(ruleDescriptors, jobsRunning)
		return
	case c.stalled():
		c.excuse(ruleDescriptors, outputStalled) // the pipes of exited instances stay open until the sink has room
		return
	}
	c.decide(ruleDescriptors)
	if held, most := c.k.Descriptors()-c.base, fixed+each*(len(c.order)+c.starts); held > most && !c.stalled() {
		c.fail(ruleDescriptors, "%d are open at rest, but %d services and %d spawns need at most %d", held, len(c.order), c.starts, most)
	}
}

// checkResolved checks rule 25: when the last process of an unkillable service exits after
// all, its stop ends. A gosv that ends has reported it and does not check again.
func (c *checker) checkResolved(t *serviceModel, now, slack time.Duration) {
	f := t.instance
	if t.phase != "stopping" || f == nil || !f.ended || f.living > 0 || t.spawning || c.ending >= 0 || c.mayMissProcesses() {
		return
	}
	if since := max(f.lastDeath, c.mayMissAt, t.since); c.overdue(since, now, slack+recheckTime) {
		c.fail(ruleResolved, "%s is stopping, although its last process exited %v ago", t.svc.Name, now-f.lastDeath)
	}
}

// recheckTime is how much longer gosv may need to check for survivors after an exit.
const recheckTime = 2 * time.Second
