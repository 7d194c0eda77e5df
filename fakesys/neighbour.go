package fakesys

import "strconv"

// Neighbour has another gosv begin in gosv's own group, as user and in the directories
// as gosv does: it takes an instance, enables what controllers it can, and starts a
// service there. Then somebody moves it away, to the root of the hierarchy. It gives
// the path of the instance below the mount point, "" if there is no room or nothing
// to write to.
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

// ownFolder is where a gosv itself is, below its instance.
const ownDir = "supervisor"

// stranger makes a process that only is there; nil if no number is left.
func (w *World) stranger(parent *process, name string) *process {
	pid, ok := w.newPid()
	if !ok {
		return nil
	}
	return w.newSystemProcess(pid, parent, name)
}
