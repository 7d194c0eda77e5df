package sim

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// legal is the relation of phases, written down apart from lifecycle's table.
var legal = map[string]string{
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
		c.fail("19 the events tell the state", "%s goes from %v, and was %s", ch.Service, ch.From, t.phase)
	}
	if t.early && ch.Cause != lifecycle.Start {
		c.fail("4 the delay is the schedule's", "%s was started before its delay was over, by %v", ch.Service, ch.Cause)
	}
	t.early = false
	if t.phase != to && !contains(legal[t.phase], to) {
		c.fail("7 every change is legal", "%s goes from %s to %s by %v", ch.Service, t.phase, to, ch.Cause)
	}
	if t.phase == to {
		if ch.Cause == lifecycle.Start && to == "backoff" {
			t.attempt, t.retries, t.due = 0, 0, -1
		}
		return
	}
	if c.starting() {
		c.birth = ch.At
	}
	t.phase, t.since = to, ch.At
	c.afterHit(t, ch)
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
	}
	if ch.State.Phase != lifecycle.Starting { // what refused that is told next
		t.errno = 0
	}
}

// checkOutcome: 11. Each status is told once, and is the kernel's.
func (c *checker) checkOutcome(t *truth, ch supervisor.Change) {
	f := t.family
	switch {
	case f == nil || f.main != ch.Pid || !f.ended:
		c.fail("11 each exit is told once", "%s: the end of %d is told, which is not the truth", ch.Service, ch.Pid)
	case f.told:
		c.fail("11 each exit is told once", "%s: the end of %d is told twice", ch.Service, ch.Pid)
	}
	f.told = true
	want := lifecycle.Outcome{Cause: lifecycle.ByExit, Code: f.status.Code}
	if f.status.Signal != 0 {
		want = lifecycle.Outcome{Cause: lifecycle.BySignal, Signal: f.status.Signal}
	}
	if f.stolen {
		want = lifecycle.Outcome{Cause: lifecycle.Unknown}
	}
	got := ch.State.Last
	if got.Cause != want.Cause || got.Code != want.Code || got.Signal != want.Signal {
		c.fail("11 each exit is told once", "%s: %d ended by %v, and %v is told", ch.Service, ch.Pid, want, got)
	}
	if got.Core != f.status.Core && got.Cause == lifecycle.BySignal {
		c.fail("11 each exit is told once", "%s: that %d has left a core is %v, and %v is told", ch.Service, ch.Pid, f.status.Core, got.Core)
	}
	if f.oomAt > 0 && f.oomAt <= f.endedAt && !got.OOM && !c.hampered() {
		c.fail("11 each exit is told once", "%s: the OOM killer ended %d or one of its family, which is not told", ch.Service, ch.Pid)
	}
	if got.OOM && !f.oom {
		c.fail("11 each exit is told once", "%s: the end of %d is told as one out of memory, which it was not", ch.Service, ch.Pid)
	}
}

// checkRunning: 12. Running means that the process is there, unreaped and ours.
func (c *checker) checkRunning(t *truth, ch supervisor.Change) {
	f := c.family[ch.Pid]
	if t.family != nil && t.family.stolen && t.family.main == ch.Pid {
		return // it is gone, and gosv cannot know yet
	}
	if f == nil || f.of != t || f.main != ch.Pid {
		c.fail("12 what is told is explainable", "%s is said to run as %d, which is no main process of it", ch.Service, ch.Pid)
	}
}

// checkStatus: 12. The published status names the main process while it is known to
// live, and no other.
func (c *checker) checkStatus(t *truth, ch supervisor.Change) {
	pid := c.sup.Statuses()[slices.Index(c.order, t)].Pid
	switch f := t.family; {
	case pid == 0 && ch.State.Alive:
		c.fail("12 what is told is explainable", "%s lives, and its status has no process", ch.Service)
	case pid != 0 && (f == nil || f.main != pid || f.told):
		c.fail("12 what is told is explainable", "the status of %s has process %d, which is no main process of it any more", ch.Service, pid)
	}
}

// Noticed implements supervisor.Observer.
func (c *checker) Noticed(n supervisor.Notice) {
	c.checkUnkillable(n)
	c.checkLeftBehind(n)
	c.checkHangs(n)
	if strings.Contains(n.Text, "<nil>") || strings.Contains(n.Text, "%!") {
		c.fail("19 what is told is so", "%q is no sentence", n.Text)
	}
	c.owned = c.owned || n.Level >= supervisor.Warning && (strings.Contains(n.Text, "left behind") || strings.Contains(n.Text, "cannot remove"))
}

// checkHangs: 19. A look at all processes that is given up hangs. Only where calls are slow
// one may seem to.
func (c *checker) checkHangs(n supervisor.Notice) {
	if strings.Contains(n.Text, "looking for leftover processes hangs") && !c.hampered() {
		c.fail("19 what is told is so", "%s: and nothing hangs", n.Text)
	}
}

// Dumped implements supervisor.Observer.
func (c *checker) Dumped(string) {}

// quiescent: 3. When gosv goes to sleep, no zombie of it is older than its
// safety net, unless it is held: the leader of a generation with survivors, or
// any orphan while a start is under way. A held one hides what was made with
// CLONE_PARENT.
func (c *checker) quiescent(n fakesys.Note) {
	c.checkTold()
	if time.Duration(n.N) <= n.At {
		return
	}
	c.checkHeld()
	limit := c.notice() + c.s.lateness()
	if c.blind() {
		c.blindAt = n.At
	}
	if c.starting() || c.blind() || c.s.Machine.OrphanAny && c.holding() {
		c.birth = n.At
	}
	c.checkStops(n.At, limit)
	c.checkZombies(n.At, limit)
}

// checkZombies: 3.
func (c *checker) checkZombies(now, limit time.Duration) {
	for pid, at := range c.died {
		if at < 0 || !c.overdue(max(at, c.birth), now, limit) {
			continue
		}
		if p, ok := c.k.Process(pid); !ok || p.Ppid != c.self || p.Traced {
			continue
		} else if p.Sibling && c.holding() {
			c.died[pid] = now // it is hidden
			continue
		}
		if f := c.family[pid]; f != nil && f.main == pid && (f.living > 0 || !c.overdue(f.lastDeath, now, limit)) {
			continue
		}
		c.fail("3 no zombie at rest", "%d has been a zombie for %v", pid, now-at)
	}
}

// checkStops: 22. A stop is over, or answered by "unkillable", when the grace and
// the wait for KILL have passed; both begin anew with a birth that was too late.
func (c *checker) checkStops(now, slack time.Duration) {
	for _, t := range c.order {
		if t.phase == "backoff" && t.due >= 0 && now > t.due {
			c.checkLate(t, now)
		}
		c.checkResolved(t, now, slack)
		c.checkHurry(t, now)
		c.checkProgress(t, now)
		if t.phase == "stopping" && c.overdue(t.since, now, 2*(t.svc.StopTimeout+lifecycle.KillWait)+slack) && !t.stuck {
			c.fail("22 every stop is answered", "%s is stopping since %v", t.svc.Name, t.since)
		}
	}
}

// notice is how long gosv may take to see that something has ended. It may need two
// looks at all processes, and be stopped before each.
func (c *checker) notice() time.Duration {
	f := c.s.Machine.Faults
	switch {
	case f == nil:
		return time.Second
	case f.LostExit > 0 || f.LateExit > 0 || f.LostWatch > 0 || f.LostJob > 0 || f.Calls != nil || f.Hook != nil:
		return safetyNet
	}
	return time.Second + 2*(f.StarveBy+f.LateJobBy)
}

// safetyNet is the period of the supervisor's safety reap, and then some.
const safetyNet = 31 * time.Second

func (c *checker) starting() bool {
	for _, t := range c.order {
		if t.phase == "starting" || t.phase == "stopping" {
			return true
		}
	}
	return false
}

// blind tells whether gosv may be unable to see who lives: then it holds on to
// what it has.
func (c *checker) blind() bool {
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

// holding tells whether a dead main process is held for its survivors. Where
// orphans cannot be told apart it hides those behind it.
func (c *checker) holding() bool {
	for pid, at := range c.died {
		if f := c.family[pid]; at >= 0 && f != nil && f.main == pid && f.living > 0 {
			return true
		}
	}
	return false
}

// atEnd: 16, 23, 24 and 21. After gosv has ended nothing of it is left, save what it
// names as unkillable and is.
func (c *checker) atEnd() {
	c.checkEndsAlone()
	if c.ending >= 0 && !c.s.Machine.Terminal { // a job may be stopped, and INT is its command's matter
		if took := c.k.Now() - c.ending; c.overdue(c.ending, c.k.Now(), c.s.patience()) {
			c.broken("23 a shutdown is bounded", "it took "+took.String())
		}
	}
	c.checkNamed()
	c.checkLeft()
	c.checkPrompt()
	for _, g := range c.groupsLeft() {
		if c.owned && (c.s.Machine.Faults != nil || c.s.Machine.MaxFiles > 0 || c.past) { // else nothing is in its way
			continue
		}
		if !c.heldByTheUnkillable(g) {
			c.broken("24 nothing is left", "after the end the cgroup "+g+" is there")
		}
	}
	if c.starts > 0 && !c.startsAreNamed() && c.s.lateness() < lifecycle.KillWait { // else nobody could wait for it
		c.broken("24 nothing is left", fmt.Sprintf("%d starts have no result after the end", c.starts))
	}
	if open := c.k.Descriptors() - c.base; open != 0 && len(c.r.Result.Unkillable) == 0 && c.jobs == 0 && !c.stalled() {
		c.broken("16 descriptors are given back", fmt.Sprintf("%d are open after the end", open))
	}
}

// checkPrompt: 23. Where nothing goes wrong gosv does not outlive its services, and one
// that has none yet ends when it is told to.
func (c *checker) checkPrompt() {
	if c.ending < 0 || c.s.Machine.Faults != nil || c.s.Machine.Terminal || c.blind() || c.s.pauses() > 0 || len(c.r.Result.Unkillable) > 0 {
		return
	}
	since := c.ending
	for _, t := range c.order {
		for _, f := range t.families {
			if !f.past {
				since = max(since, f.lastDeath)
			}
		}
	}
	if idle := c.k.Now() - since; idle > promptness {
		c.broken("23 a shutdown is bounded", fmt.Sprintf("it took %v more when there was nothing to stop any more", idle))
	}
}

// promptness is how long gosv may look whether something is left.
const promptness = 2 * time.Second

// mustRun: 21. When everything has healed, a wanted service whose program does
// not end by itself runs.
func (c *checker) mustRun() {
	c.checkLeaves()
	for _, t := range c.order {
		healthy := t.svc.File == fakesys.Program && (t.svc.Script == Healthy || t.svc.Lasting) && !t.svc.TooLong && t.svc.Dir != noFolder && t.svc.StartTimeout >= 10*time.Millisecond && // a start takes some
			!(t.svc.Limits.Any() && c.s.Cgroup == config.CgroupRequire) // which are not to be had everywhere
		final := (t.hit || t.blamed) && (t.phase == "failed" || t.phase == "exited")
		if healthy && t.wanted && t.phase != "running" && !final && !t.haunted() {
			c.broken("21 a wanted, healthy service runs", t.svc.Name+" is "+t.phase)
		}
	}
}

// haunted tells whether processes live that gosv waits for: of an older
// generation, or out of its reach.
func (t *truth) haunted() bool {
	for _, f := range t.families {
		if f.living > 0 && (f.main != t.main || f.beyond) {
			return true
		}
	}
	return false
}

// groupsLeft are the folders that gosv made beside its own group.
func (c *checker) groupsLeft() (left []string) {
	g := c.s.Machine.Cgroups
	if g == nil {
		return nil
	}
	names, _ := c.k.ReadDir(path.Join("/sys/fs/cgroup", g.Own))
	for _, name := range names {
		if strings.HasPrefix(name, "gosv") && !c.neighbourly(path.Join("/", g.Own, name)) && !c.barred(name) {
			left = append(left, name)
		}
	}
	return left
}

// barred tells whether gosv ended in an empty instance since it had no way back to
// its own group, whose controllers others need. Only one that was begun beside another
// gosv, or after one that died, and one whom a call failed, may meet that.
func (c *checker) barred(name string) bool {
	g := c.s.Machine.Cgroups
	own := path.Join("/sys/fs/cgroup", g.Own)
	enabled, _ := c.k.ReadFile(own + "/cgroup.subtree_control")
	inside, _ := c.k.ReadDir(own + "/" + name)
	for _, t := range c.order {
		if slices.Contains(inside, t.svc.Name) {
			return false
		}
	}
	return g.Own != "" && len(enabled) > 0 && c.ownGroup() == path.Join("/", g.Own, name, "supervisor") &&
		(len(c.neighbours) > 0 || c.past || c.s.Machine.Faults != nil)
}

func contains(words, word string) bool { return slices.Contains(strings.Fields(words), word) }
