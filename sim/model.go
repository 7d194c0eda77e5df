package sim

import (
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// instanceModel is what the fake kernel knows about one instance: the process that a spawn
// created and all its descendants, whatever process groups and sessions they moved to.
type instanceModel struct {
	of           *serviceModel
	spawn        int
	leaf         string // the directory of its cgroup; "" if it has none
	main         int
	born         time.Duration // its exec; 0 if that never came
	living       int           // members that are not dead
	lastDeath    time.Duration
	ended        bool       // the main process is dead
	status       sys.Status // of the main process
	endedAt      time.Duration
	seenAt       time.Duration // when gosv looked last whether the main process had ended
	termAt       time.Duration // first stop signal by gosv; -1
	killAt       time.Duration // first KILL by gosv to the main process, that is no stop signal; -1
	killed       bool          // one of it had KILL by gosv
	stolen       bool          // somebody else reaped the main process
	oom          bool          // the OOM killer took one of it
	oomAt        time.Duration // first in its cgroup, whose count tells of it; 0
	leftAt       time.Duration // when the main process left its group
	frozenAt     time.Duration // when somebody froze its cgroup, or thawed it, last
	frozen       bool          // by somebody, and not thawed since
	unreachable  bool          // somebody took it out of gosv's reach
	evicted      bool          // an external process removed its cgroup
	exitReported bool          // the main's end was observed by gosv
	previous     bool          // a gosv that is dead made it
}

// serviceModel is what the fake kernel knows about one service.
type serviceModel struct {
	svc       Service
	lasting   bool          // it must run on a healthy machine (Scenario.lasts)
	refusedAt time.Duration // when the machine refused a start last
	main      int           // the living main process, 0
	instance  *instanceModel
	instances []*instanceModel // those with members, oldest first

	wanted             bool          // by the last command
	forced             bool          // KILL was asked for
	asked              time.Duration // when the last stop was; -1
	phase              string
	attempt            int           // consecutive restarts, by the checker's own count
	retries            int           // consecutive starts that the machine refused
	errno              syscall.Errno // of the start that had its result, or the directory that was refused, last
	due                time.Duration
	since              time.Duration // its phase
	startedEarly       bool          // it was started before that: a Start must be told of next
	startsSent         int           // Starts that gosv has not taken yet
	startsTaken        int           // of these, those that it finds in its present turn
	changed            bool          // its program is not its own for the next start
	waiting            []Action      // hits that wait until it runs
	interfered         bool          // somebody signalled its main process, or worse
	programBlamed      bool          // a start failed by chance in a way that is the program's fault
	spawnedAt          time.Duration
	spawn              int           // its last start
	leaf               string        // and the cgroup that was made for it
	leaves             int           // cgroups of its generations
	spawning           bool          // a start has no result yet
	reportedUnkillable bool          // it was said to be unkillable since its last start
	ran                bool          // before the last change it was said to run
	generations        int           // instances whose program was executed
	stableReset        bool          // the last end came after a stable run
	deadline           time.Duration // told last; 0: none
}

// note follows the trace of the fake kernel. It is called for every line, so it does as
// little as possible.
func (c *checker) note(n fakesys.Note) {
	c.called(n)
	if n.Op < fakesys.EvAction {
		c.noteCall(n)
	} else {
		c.noteEvent(n)
	}
}

// noteEvent follows what happens in the world.
func (c *checker) noteEvent(n fakesys.Note) {
	switch n.Op {
	case fakesys.EvFork:
		c.forked(n)
	case fakesys.EvExec:
		c.executed(n)
	case fakesys.EvExit:
		c.exited(n)
	case fakesys.EvAdopt:
		c.signals[n.Who].reparentedAt = n.At
		if c.died[n.Who] >= 0 {
			c.died[n.Who] = n.At // until now it was its parent's to reap
		}
	case fakesys.EvStop:
		c.signals[n.Who].stopped = n.At
	case fakesys.EvReaped:
		c.reaped(n)
	case fakesys.EvFault:
		if f := c.instanceOf[n.Who]; f != nil && f.main == n.Who {
			f.stolen = true
		}
	case fakesys.EvKill:
		c.signalled(n)
		c.oomKilled(n)
	case fakesys.EvSpawned:
		if t := c.bySpawn[n.N]; t != nil {
			t.errno, t.spawning = n.Errno, false
			switch sys.Step(n.Text) {
			case sys.StepPrepare, sys.StepCgroup, sys.StepFork:
				t.errno = syscall.EAGAIN // whatever the errno, it is not the program's fault
			}
			if machineSake[t.errno] {
				t.refusedAt = n.At
			}
			t.programBlamed = t.programBlamed || n.Errno != 0 && !machineSake[t.errno]
		}
	case fakesys.EvWoke:
		c.turnAt = n.At
		c.turnBegins()
	}
}

// noteCall follows the calls of gosv.
func (c *checker) noteCall(n fakesys.Note) {
	switch n.Op {
	case fakesys.OpSpawn:
		c.spawnCalled(n)
	case fakesys.OpReapPid:
		c.checkReaped(n)
	case fakesys.OpSignals:
		if n.N > 0 && c.ending >= 0 {
			c.takesEndSignal(n.At)
		}
	case fakesys.OpPeek, fakesys.OpReap:
		c.countReap(n.N)
		if f := c.instanceOf[n.N]; f != nil && f.main == n.N {
			f.seenAt = n.At
		}
	case fakesys.OpSignalGroup, fakesys.OpSignal:
		if f := c.instanceOf[n.N]; f != nil && n.Errno == syscall.EPERM && f.termAt < 0 && !f.ended && syscall.Signal(n.M) == f.of.svc.StopSignal {
			f.termAt = n.At // for those whom gosv may signal it came later
		}
	case fakesys.OpDraw:
		if n.Text == "jitter" {
			c.drawn, c.fresh = float64(n.N)/float64(n.M), true
		}
	case fakesys.OpReadDir, fakesys.OpReadFile:
		if n.Errno == syscall.EMFILE || n.Errno == syscall.ENFILE || n.Errno == syscall.ENOMEM || n.Errno == syscall.EOPNOTSUPP {
			c.leftoverReported = c.leftoverReported || !strings.HasPrefix(n.Text, "/proc") // what cannot be looked at cannot be removed
		}
	case fakesys.OpMkdir:
		c.dirMade(n)
	case fakesys.OpAbort:
		c.spawnAborted(n)
	case fakesys.OpRmdir:
		c.checkRemoved(n)
	case fakesys.OpWriteFile:
		c.checkGroupKill(n)
	case fakesys.OpSpawned:
		c.starts -= n.N
		c.resultAt = n.At
	case fakesys.OpSubmit:
		c.jobs++
	case fakesys.OpFinished:
		c.jobs -= n.N
	case fakesys.OpWait:
		c.turnEnds()
		c.quiescent(n)
	}
}

// spawnCalled notes a spawn request of gosv.
func (c *checker) spawnCalled(n fakesys.Note) {
	c.starts++
	t := c.byPath[n.Text]
	if t == nil {
		return // the probe of a birth in a cgroup
	}
	c.bySpawn[n.N] = t
	t.spawn, t.spawnedAt, t.spawning, t.errno = n.N, n.At, true, 0
	t.leaf, c.leaf, t.reportedUnkillable = c.leaf, "", false // the cgroup was made for this start
	c.checkStart(t, n.At)
}

// forked notes a new process.
func (c *checker) forked(n fakesys.Note) {
	if n.Who != c.self {
		c.join(n.N, c.instanceOf[n.Who])
		return
	}
	p, _ := c.k.Process(n.N)
	t := c.bySpawn[int(p.Spawn)]
	if t == nil {
		c.instanceOf[n.N] = nil
		return
	}
	f := &instanceModel{of: t, spawn: int(p.Spawn), leaf: t.leaf, main: n.N, termAt: -1, killAt: -1}
	t.instance, t.instances = f, append(t.instances, f)
	c.join(n.N, f)
}

// dirMade: a service's, or a generation's. Without them it cannot start, and
// that is the machine's fault whatever the errno. For one that runs they are made
// again only because somebody removed them.
func (c *checker) dirMade(n fakesys.Note) {
	if n.Errno == 0 {
		c.made[n.Text] = true
		c.countLeaf(n.Text, 1)
	}
	if n.Errno == 0 || n.Errno == syscall.EEXIST {
		return
	}
	for _, name := range []string{path.Base(n.Text), path.Base(path.Dir(n.Text))} {
		if t := c.byName[name]; t != nil && t.phase != "running" {
			t.errno, t.refusedAt = syscall.EAGAIN, n.At
		}
	}
}

// turnBegins and turnEnds follow the commands: what was asked for before a turn
// of gosv is done at its end.
func (c *checker) turnBegins() {
	for _, t := range c.order {
		t.startsTaken, t.startsSent = t.startsTaken+t.startsSent, 0
	}
}

func (c *checker) turnEnds() {
	for _, t := range c.order {
		t.startsTaken = 0
	}
}

func (c *checker) join(pid int, f *instanceModel) {
	c.instanceOf[pid] = f
	c.died[pid] = -1
	c.signals[pid] = signalLog{stop: -1, cont: -1, reparentedAt: -time.Hour}
	if f != nil {
		f.living++
	}
}

// executed notes that the program of a service runs. It checks rule 1.
func (c *checker) executed(n fakesys.Note) {
	f := c.instanceOf[n.N]
	if f == nil || f.main != n.N || f.previous {
		return
	}
	f.born = n.At
	c.checkPlace(f, n.N)
	c.checkExecuted(f, n.N)
	f.of.main = n.N
	if len(f.of.instances) > 1 || f.of.generations > 0 {
		c.decide(ruleOneInstance)
	}
	f.of.generations++
	for _, old := range f.of.instances {
		if old == f || old.living == 0 {
			continue
		}
		switch {
		case old.unreachable:
			c.excuse(ruleOneInstance, outOfReach)
		case old.previous && c.leftoverReported:
			c.excuse(ruleOneInstance, afterCrash)
		default:
			c.fail(ruleOneInstance, "%s: start %d runs as %d while %d processes of start %d live", f.of.svc.Name, f.spawn, n.N, old.living, old.spawn)
		}
	}
}

func (c *checker) exited(n fakesys.Note) {
	c.died[n.Who] = n.At
	f := c.instanceOf[n.Who]
	if f == nil {
		return
	}
	f.living--
	f.lastDeath = n.At
	if f.main == n.Who && !f.ended { // its number may come again
		f.ended, f.endedAt = true, n.At
		p, _ := c.k.Process(n.Who)
		f.status = p.Status
		if f.of.main == n.Who {
			f.of.main = 0
		}
	}
	c.prune(f.of)
}

// prune forgets generations that have no member left and were told.
func (c *checker) prune(t *serviceModel) {
	for len(t.instances) > 1 && t.instances[0].living == 0 {
		t.instances = t.instances[1:]
	}
}

func (c *checker) reaped(n fakesys.Note) {
	c.reapedPID = n.N
	if f := c.instanceOf[n.N]; f != nil && f.main == n.N && c.died[n.N] >= 0 && c.died[n.N] < n.At {
		c.leaderReapedAt = n.At
	}
	c.reclaimed = c.instanceOf[n.N]
	c.died[n.N] = -1
	c.instanceOf[n.N] = nil
}

// countReap counts a zombie that this call has reaped: checkZombies has not found it late.
func (c *checker) countReap(pid int) {
	if pid > 0 && c.reapedPID == pid {
		c.decideWithin(ruleZombies, c.detectionBound())
	}
	c.reapedPID = 0
}

// checkReaped: 11. Who is waited for as an orphan is none whose start has no result: its
// status is the Spawner's, or will be asked for by its handle.
func (c *checker) checkReaped(n fakesys.Note) {
	f := c.reclaimed // by this call
	if n.Errno != 0 || f == nil || f.main != n.N || f.previous || !f.of.spawning || f.of.spawn != f.spawn {
		return
	}
	if _, aborted := c.abortedSpawns[f.spawn]; !aborted { // else it may have been written off
		c.fail(ruleExit, "%s: %d is reaped as an orphan while its start is under way", f.of.svc.Name, n.N)
	}
}
