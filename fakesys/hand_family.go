package fakesys

import (
	"path"
	"slices"
	"syscall"
)

// Fork gives a process a child with this number.
func (h Hand) Fork(parent, pid int) error {
	p, err := h.living(parent)
	if err == nil && p.left {
		err = refuse("process %d is ending and cannot fork", parent)
	}
	if err == nil {
		err = h.free(pid)
	}
	if err != nil {
		return err
	}
	h.k.forked(p, p, pid, nil)
	return nil
}

// Stray adds a process that a family has left behind, as gosv's child: somebody
// forked it who has ended, in this group and with this environment.
func (h Hand) Stray(pid int, group string, env []string) error {
	if err := h.free(pid); err != nil {
		return err
	}
	g := h.k.self.cgroup
	if group != "" {
		if g = h.group(group); g == nil {
			return refuse("there is no group %s", group)
		}
	}
	c := &process{pid: pid, pgid: pid, sid: pid, path: "?", dir: "/", rss: 1 << 20, env: env}
	h.k.insert(c, h.k.self)
	if g != nil {
		h.k.cgroups.join(c, g)
	}
	return nil
}

// SetParent says whose child a process is whose parent was guessed.
func (h Hand) SetParent(pid, parent int) error {
	p, err := h.child(pid)
	if err != nil {
		return err
	}
	to := h.k.find(parent)
	if to == nil || to.dead || to == p {
		return refuse("process %d cannot be the parent of %d", parent, pid)
	}
	if i := slices.Index(p.parent.children, p); i >= 0 {
		p.parent.children = slices.Delete(p.parent.children, i, i+1)
	}
	h.k.adopt(p, to)
	return nil
}

// Renumber gives a process, whose number was made up, its true one.
func (h Hand) Renumber(pid, to int) error {
	p, err := h.child(pid)
	if err == nil {
		err = h.free(to)
	}
	if err != nil {
		return err
	}
	t := &h.k.table
	t.byPid[pid], t.byPid[to] = nil, p
	p.tick = max(p.tick, t.lastTick[to]+1)
	t.lastTick[to] = p.tick
	t.uses[to]++
	pgid, sid := p.pgid, p.sid
	if pgid == pid {
		pgid = to
	}
	if sid == pid {
		sid = to
	}
	p.pid = to
	t.setGroup(p, pgid, sid)
	t.unuse(pid)
	return nil
}

// SetGroup puts a process into a process group and session: its own, or ones
// that exist.
func (h Hand) SetGroup(pid, pgid, sid int) error {
	p, err := h.child(pid)
	if err != nil {
		return err
	}
	for _, id := range []int{pgid, sid} {
		if id != pid && (id <= 0 || id >= len(h.k.table.uses) || h.k.table.uses[id] == 0) {
			return refuse("there is no process group or session %d", id)
		}
	}
	h.k.table.setGroup(p, pgid, sid)
	return nil
}

// SetEnv replaces the environment of a process, as execve(2) does.
func (h Hand) SetEnv(pid int, env []string) error {
	p, err := h.living(pid)
	if err == nil {
		p.env = env
	}
	return err
}

// Stop stops a living process, Continue lets it go on.
func (h Hand) Stop(pid int, sig syscall.Signal) error {
	p, err := h.living(pid)
	if err == nil {
		h.k.stop(p, sig)
	}
	return err
}

// Continue is SIGCONT to a process.
func (h Hand) Continue(pid int) error {
	p, err := h.living(pid)
	if err == nil {
		h.k.resume(p)
	}
	return err
}

// Mkdir makes a directory of the cgroup file system with those above it, as a
// stranger does.
func (h Hand) Mkdir(name string) error {
	fs := h.k.cgroups
	if fs == nil || !fs.holds(name) {
		return refuse("%s is not in the cgroup file system", name)
	}
	if fs.at(name) == nil {
		if err := h.Mkdir(path.Dir(name)); err != nil {
			return err
		}
		fs.newGroup(fs.at(path.Dir(name)), path.Base(name))
	}
	return nil
}

// Rmdir removes a group with those below it, as a stranger does.
func (h Hand) Rmdir(name string) error {
	g := (*cgroup)(nil)
	if h.k.cgroups != nil {
		g = h.k.cgroups.at(name)
	}
	if g == nil || g.parent == nil || g.populated > 0 {
		return refuse("%s cannot be removed: it is not there, or holds a process", name)
	}
	g.down(func(c *cgroup) { c.removed = true })
	g.parent.children = slices.DeleteFunc(g.parent.children, func(c *cgroup) bool { return c == g })
	return nil
}

// Lock takes or gives up the flock of a group as another gosv does.
func (h Hand) Lock(name string, held bool) error {
	g := h.k.cgroups.at(name)
	if g == nil || h.k.locks[name] != nil {
		return refuse("%s cannot be locked by anybody else", name)
	}
	if g.lock = nil; held {
		g.lock = &flock{}
	}
	return nil
}

// Populated tells whether a process lives in a group or below it.
func (h Hand) Populated(name string) bool {
	g := h.group(name)
	return g != nil && g.populated > 0
}

// Members are the processes of a group, or of its whole subtree; ok is false if it
// does not exist.
func (h Hand) Members(name string, below bool) (pids []int, ok bool) {
	g := h.group(name)
	if g == nil {
		return nil, false
	}
	members := g.members
	if below {
		members = g.processes()
	}
	for _, p := range members {
		pids = append(pids, p.pid)
	}
	return pids, true
}

func (h Hand) group(name string) *cgroup {
	if h.k.cgroups == nil {
		return nil
	}
	return h.k.cgroups.at(name)
}

// Join makes a process a member of a group that it was born in or moved to.
func (h Hand) Join(pid int, name string) error {
	p, err := h.living(pid)
	to := h.group(name)
	switch {
	case err != nil:
		return err
	case to == nil || p.cgroup == nil || p.left:
		return refuse("process %d cannot be in %s", pid, name)
	}
	h.k.migrate(p, to)
	return nil
}
