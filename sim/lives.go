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

// killed tells whether gosv is dead, be it since its last call.
func (c *checker) killed() bool {
	_, living := c.k.Process(c.self)
	return !living
}

// liveAgain begins the next life of gosv in the same world. It knows nothing of
// the one before but what it finds. What lives in cgroups of gosv's it must bury
// before it starts anything; all else that the last life has started is a
// stranger now, and must not be touched.
func (c *checker) liveAgain() {
	c.k = c.k.Crash()
	c.self, c.base, c.disturbed = c.k.Pid(), c.k.Descriptors(), c.k.Now()
	c.starts, c.jobs, c.past, c.shutting = 0, 0, true, false
	c.leaf, c.grouped, c.invocations = "", false, map[string]bool{}
	c.bySpawn, c.givenUp = map[int]*truth{}, map[int]bool{}
	for pid, f := range c.family {
		if f == nil {
			continue
		}
		if f.past = true; !c.inDeadGroup(pid) {
			c.estrange(pid, f)
		}
	}
	for _, t := range c.order {
		*t = truth{svc: t.svc, families: t.families, wanted: true, asked: -1, phase: lifecycle.Stopped.String(), due: -1}
	}
	if c.ending >= 0 { // nobody has told this one
		c.ending, c.endings, c.over, c.heardEnd, c.again, c.unheard = -1, 0, false, -1, 0, false
		c.k.At(c.k.Now()+encore, "end", c.end)
	}
}

// encore is how long a gosv lives that began after the end.
const encore = 5 * time.Second

// estrange forgets whose a process is.
func (c *checker) estrange(pid int, f *family) {
	c.family[pid] = nil
	if c.died[pid] < 0 {
		f.living--
	}
}

// inDeadGroup tells whether a process is in a cgroup that gosv has made. None but
// its children and theirs live there.
func (c *checker) inDeadGroup(pid int) bool {
	p, ok := c.k.Process(pid)
	g := c.s.Machine.Cgroups
	return ok && g != nil && c.s.Cgroup != config.CgroupOff && strings.HasPrefix(p.Cgroup, path.Join("/", g.Own, "gosv")) && !c.neighbourly(p.Cgroup)
}
