package fakesys

import "strconv"

// Neighbour starts another gosv in gosv's own cgroup. It creates an instance there as gosv
// does, enables the controllers that it can, and starts a service. Then it is moved to the
// root of the hierarchy. Neighbour returns the path of the instance below the mount point,
// or "" if no PID is free or the cgroup is not writable.
func (w *World) Neighbour() (instance string) {
	own := w.cgroups.root.below(w.cgroups.opt.Own)
	if own.writable() != 0 {
		return ""
	}
	gosv, service := w.stranger(w.table.init, "gosv"), (*process)(nil)
	if gosv != nil {
		service = w.stranger(gosv, "neighbour")
	}
	if service == nil {
		return ""
	}
	g := w.cgroups.newGroup(own, "gosv-"+strconv.Itoa(gosv.pid))
	g.lock = &flock{by: gosv.pid}
	w.cgroups.newGroup(g, ownDir)
	if len(own.members) == 0 || own.parent == nil {
		own.enabled |= own.available()
		g.enabled = own.enabled
	}
	w.cgroups.join(gosv, w.cgroups.root)
	w.cgroups.join(service, w.cgroups.newGroup(w.cgroups.newGroup(g, "web"), "1"))
	w.Fire(CgroupChangedExternally)
	return g.full
}

// ownDir is the cgroup of a gosv itself, below its instance.
const ownDir = "supervisor"

// stranger creates a process that does nothing. It returns nil if no PID is free.
func (w *World) stranger(parent *process, name string) *process {
	pid, ok := w.newPid()
	if !ok {
		return nil
	}
	return w.newSystemProcess(pid, parent, name)
}
