package sim

import (
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// crash kills gosv after the steps that the scenario names.
func (s Scenario) crash(c *checker) {
	if len(s.Crashes) == 0 {
		return
	}
	c.k.OnStep(func() {
		if slices.Contains(s.Crashes, c.k.Steps()) {
			c.k.SignalSelf(syscall.SIGKILL)
		}
	})
}

// killed reports whether gosv is dead, be it since its last call.
func (c *checker) killed() bool {
	_, living := c.k.Process(c.self)
	return !living
}

// restartGosv begins the next life of gosv in the same world. It knows nothing of
// the one before but what it finds. What lives in cgroups of gosv's it must reclaim
// before it starts anything; all else that the last life has started is a
// stranger now, and must not be touched.
func (c *checker) restartGosv() {
	c.k = c.k.Crash()
	c.self, c.base, c.disturbedAt = c.k.Pid(), c.k.Descriptors(), c.k.Now()
	c.starts, c.jobs, c.previous, c.shutting = 0, 0, true, false
	c.keptInstances = 0
	c.leaf, c.grouped, c.invocations = "", false, map[string]bool{}
	c.bySpawn, c.abortedSpawns = map[int]*serviceModel{}, map[int]bool{}
	for pid, f := range c.instanceOf {
		if f == nil {
			continue
		}
		if f.previous = true; !c.inDeadGroup(pid) {
			c.forgetProcess(pid, f)
		}
	}
	for _, t := range c.order {
		*t = serviceModel{svc: t.svc, lasting: t.lasting, instances: t.instances, wanted: true, asked: -1, phase: lifecycle.Stopped.String(), due: -1}
	}
	if c.ending >= 0 { // nobody has told this one
		c.ending, c.endings, c.over, c.endTakenAt, c.secondEndAt, c.endPending = -1, 0, false, -1, 0, false
		c.k.At(c.k.Now()+restartedLifetime, "end", c.end)
	}
}

// restartedLifetime is how long a gosv lives that began after the end.
const restartedLifetime = 5 * time.Second

// forgetProcess forgets whose a process is.
func (c *checker) forgetProcess(pid int, f *instanceModel) {
	c.instanceOf[pid] = nil
	if c.died[pid] < 0 {
		f.living--
	}
}

// inDeadGroup reports whether a process is in a cgroup that gosv has made. None but
// its children and theirs live there.
func (c *checker) inDeadGroup(pid int) bool {
	p, ok := c.k.Process(pid)
	g := c.s.Machine.Cgroups
	return ok && g != nil && c.s.Cgroup != config.CgroupOff && strings.HasPrefix(p.Cgroup, path.Join("/", g.Own, "gosv")) && !c.ofNeighbour(p.Cgroup)
}
