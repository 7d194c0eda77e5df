package sim

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// atEnd checks rules 16, 21, 23 and 24: after gosv has ended nothing of it is left, except
// what it reported as unkillable.
func (c *checker) atEnd() {
	c.checkEndsAlone()
	c.countEnd()
	if c.ending >= 0 && !c.s.Machine.Terminal { // a job may be stopped, and INT is for its command
		if took := c.k.Now() - c.ending; c.overdue(c.ending, c.k.Now(), c.s.stopBound()) {
			c.broken(ruleShutdown, "it took "+took.String())
		}
	}
	c.checkReportedUnkillable()
	c.checkLeftProcesses()
	c.checkPrompt()
	for _, g := range c.groupsLeft() {
		if c.leftoverReported && (c.s.Machine.Faults != nil || c.s.Machine.MaxFiles > 0 || c.previous) { // else nothing is in its way
			continue
		}
		if !c.heldByTheUnkillable(g) {
			c.broken(ruleNothingLeft, "after the end the cgroup "+g+" is there")
		} else if !c.markedForReclaim(g) {
			c.broken(ruleNothingLeft, "the next gosv would not recognize the cgroup "+g)
		}
	}
	if c.starts > 0 && !c.startsAreNamed() && c.s.maxDelay() < lifecycle.KillWait { // else nobody could wait for it
		c.broken(ruleNothingLeft, fmt.Sprintf("%d starts have no result after the end", c.starts))
	}
	// The lock of an instance that is left is released by the end of the process only.
	if open := c.k.Descriptors() - min(c.k.HeldLocks(), max(c.keptInstances, 1)) - c.base; open != 0 && len(c.r.Result.Unkillable) == 0 && c.jobs == 0 && !c.stalled() && c.starts == 0 { // the handle of a spawn whose result gosv did not wait for is open
		c.broken(ruleDescriptors, fmt.Sprintf("%d are open after the end", open))
	}
}

// countEnd counts the rules that every run decides at its end.
func (c *checker) countEnd() {
	c.decide(ruleNoPanic)
	c.decide(ruleBusyLoop)
	for _, t := range c.order {
		c.decideNoStart(t)
	}
	if !c.over {
		c.excuse(ruleLiveness, endedEarly)
	}
	switch {
	case c.s.Machine.Terminal:
		c.excuse(ruleShutdown, attached)
	case c.ending < 0:
		c.excuse(ruleShutdown, endedEarly)
	default:
		c.decide(ruleShutdown)
	}
	switch {
	case len(c.r.Result.Unkillable) > 0:
		c.excuse(ruleNothingLeft, unkillableLeft)
	case c.leftoverReported:
		c.r.Verdicts[ruleNothingLeft].Lax++
	default:
		c.decide(ruleNothingLeft)
	}
}

// checkPrompt: 23. Where nothing goes wrong gosv does not outlive its services, and one
// that has none yet ends when it is told to.
func (c *checker) checkPrompt() {
	if c.previous && c.leftoverReported {
		return // it waited for what cannot be killed
	}
	if c.ending < 0 || c.s.Machine.Faults != nil || c.s.Machine.Terminal || c.mayMissProcesses() || c.s.pauses() > 0 || len(c.r.Result.Unkillable) > 0 {
		return
	}
	since := c.ending
	for _, t := range c.order {
		for _, f := range t.instances {
			since = max(since, f.lastDeath)
		}
	}
	if idle := c.k.Now() - since; idle > promptness {
		c.broken(ruleShutdown, fmt.Sprintf("it took %v more when there was nothing to stop any more", idle))
	}
}

// promptness is how long gosv may look whether something is left.
const promptness = 2 * time.Second

// groupsLeft are the directories that gosv made beside its own group.
func (c *checker) groupsLeft() (left []string) {
	g := c.s.Machine.Cgroups
	if g == nil {
		return nil
	}
	entries, _ := c.k.ReadDir(path.Join("/sys/fs/cgroup", g.Own))
	for _, name := range sys.EntryNames(entries) {
		if strings.HasPrefix(name, "gosv") && !c.ofNeighbour(path.Join("/", g.Own, name)) && !c.cannotLeaveInstance(name) {
			left = append(left, name)
		}
	}
	return left
}

// markedForReclaim reports whether the next gosv knows an instance by its shape: it has
// gosv's own directory, or none at all.
func (c *checker) markedForReclaim(name string) bool {
	instance := path.Join("/sys/fs/cgroup", c.s.Machine.Cgroups.Own, name)
	inside, _ := c.k.ReadDir(instance)
	return slices.Contains(inside, sys.DirEntry{Name: "supervisor", Dir: true}) ||
		!slices.ContainsFunc(inside, func(entry sys.DirEntry) bool { return entry.Dir })
}

// cannotLeaveInstance reports whether gosv ended in an empty instance since it had no way back to
// its own group, whose controllers others need. Only one that was begun beside another
// gosv, or after one that died, and one whom a call failed, may meet that.
func (c *checker) cannotLeaveInstance(name string) bool {
	g := c.s.Machine.Cgroups
	own := path.Join("/sys/fs/cgroup", g.Own)
	enabled, _ := c.k.ReadFile(own + "/cgroup.subtree_control")
	inside, _ := c.k.ReadDir(own + "/" + name)
	for _, t := range c.order {
		if slices.Contains(inside, sys.DirEntry{Name: t.svc.Name, Dir: true}) {
			return false
		}
	}
	return g.Own != "" && len(enabled) > 0 && c.ownGroup() == path.Join("/", g.Own, name, "supervisor") &&
		(len(c.neighbours) > 0 || c.previous || c.s.Machine.Faults != nil)
}
