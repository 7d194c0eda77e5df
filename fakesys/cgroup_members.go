package fakesys

import (
	"slices"
	"syscall"
)

// join adds a new or migrated process to a cgroup.
func (fs *cgroupFS) join(p *process, g *cgroup) {
	p.cgroup = g
	g.members = append(g.members, p)
	g.up(func(a *cgroup) { a.pids.current++ })
	fs.populate(p, g, 1)
}

func (fs *cgroupFS) populate(p *process, g *cgroup, by int) {
	g.up(func(a *cgroup) {
		before := a.populated > 0
		a.populated += by
		if before != (a.populated > 0) {
			fs.world.note(p.pid, EvCgroup, a.populated, 0, a.path(), 0)
			a.modified(fs.world, "cgroup.events")
		}
	})
}

// leave removes a process that exits or migrates. An exited process stays charged to
// pids.current until it is reaped (pids_release).
func (fs *cgroupFS) leave(p *process) {
	g := p.cgroup
	g.members = slices.DeleteFunc(g.members, func(m *process) bool { return m == p })
	g.cpu.usage += p.cpu
	p.cpu = 0
	fs.populate(p, g, -1)
}

// uncharge removes a reaped or migrated process from pids.current.
func (g *cgroup) uncharge() { g.up(func(a *cgroup) { a.pids.current-- }) }

// moveTo is gosv's write to cgroup.procs.
func (k *Kernel) moveTo(p *process, to *cgroup) syscall.Errno {
	if p.dead || p.left || p.cgroup == to {
		return 0
	}
	if errno := to.mayHost(); errno != 0 {
		return errno
	}
	common := p.cgroup
	for !to.isBelow(common) {
		common = common.parent
	}
	if errno := common.writable(); errno != 0 {
		return errno
	}
	k.migrate(p, to)
	return 0
}

func (w *World) migrate(p *process, to *cgroup) {
	w.cgroups.leave(p)
	p.cgroup.uncharge()
	w.cgroups.join(p, to)
	w.table.version++
	w.kick(p)
}

func (g *cgroup) isBelow(top *cgroup) bool {
	for ; g != nil; g = g.parent {
		if g == top {
			return true
		}
	}
	return false
}

// mayHost is cgroup_migrate_vet_dst: a cgroup that enables controllers for its children
// must not contain processes.
func (g *cgroup) mayHost() syscall.Errno {
	switch {
	case !g.validDomain():
		return syscall.EOPNOTSUPP
	case g.canBeThreadRoot() || g.threaded:
		return 0
	case g.enabled != 0:
		return syscall.EBUSY
	}
	return 0
}

// canBeThreadRoot is cgroup_can_be_thread_root.
func (g *cgroup) canBeThreadRoot() bool {
	if g.parent == nil {
		return true
	}
	if g.threaded || g.enabled&^threadedControllers != 0 {
		return false
	}
	return !slices.ContainsFunc(g.children, func(c *cgroup) bool { return !c.threaded && c.populated > 0 })
}

// threadRoot is cgroup_is_thread_root.
func (g *cgroup) threadRoot() bool {
	if g.threaded {
		return false
	}
	return slices.ContainsFunc(g.children, func(c *cgroup) bool { return c.threaded }) ||
		len(g.members) > 0 && g.enabled&threadedControllers != 0
}

// validDomain is cgroup_is_valid_domain.
func (g *cgroup) validDomain() bool {
	if g.threaded {
		return false
	}
	for a := g.parent; a != nil; a = a.parent {
		if a.threaded || a.parent != nil && a.threadRoot() {
			return false
		}
	}
	return true
}

// spawnInto is the check of CLONE_INTO_CGROUP.
func (fs *cgroupFS) spawnInto(name string, from *cgroup) syscall.Errno {
	if !fs.holds(name) {
		return syscall.EBADF
	}
	g := fs.at(name)
	if g == nil {
		return fs.absentDir(name)
	}
	common := from
	for !g.isBelow(common) {
		common = common.parent
	}
	if errno := g.writable(); errno != 0 {
		return errno
	}
	if errno := common.writable(); errno != 0 {
		return errno
	}
	return g.mayHost()
}

// killedAtSpawn reports whether Cgroups.KillBug kills a process spawned into g.
func (fs *cgroupFS) killedAtSpawn(g, from *cgroup) bool {
	return fs.opt.KillBug && g.kills != from.kills
}

// setFreeze writes cgroup.freeze.
func (g *cgroup) setFreeze(w *World, freeze bool) {
	if g.freeze == freeze {
		return
	}
	g.freeze = freeze
	if freeze && slices.ContainsFunc(g.processes(), func(p *process) bool { return p.hang }) {
		w.Fire(FreezeHangs)
	}
	by := 1
	if !freeze {
		by = -1
	}
	g.down(func(c *cgroup) {
		before := c.frozen > 0
		c.frozen += by
		if before != (c.frozen > 0) {
			c.modified(w, "cgroup.events")
			for _, p := range c.members {
				w.kick(p)
			}
		}
	})
}

// isFrozen is the frozen flag of cgroup.events: every process has stopped running, and
// none is in uninterruptible sleep.
func (g *cgroup) isFrozen() bool {
	return g.frozen > 0 && !slices.ContainsFunc(g.processes(), func(p *process) bool { return p.hang })
}

// freezeMayComplete notifies the watches of a frozen cgroup when p leaves
// uninterruptible sleep.
func (w *World) freezeMayComplete(p *process) {
	if p.frozen() {
		p.cgroup.up(func(g *cgroup) { g.modified(w, "cgroup.events") })
	}
}

// kill is a write to cgroup.kill. The kernel sends KILL to the first thread of each
// member, which has no effect if that thread has exited (__cgroup_kill).
func (g *cgroup) kill(w *World, by *process) {
	g.down(func(c *cgroup) { c.kills++ })
	for _, p := range g.processes() {
		if !p.leaderExited {
			w.send(by, p, syscall.SIGKILL)
		}
	}
}
