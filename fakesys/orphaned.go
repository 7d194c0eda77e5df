package fakesys

import "syscall"

// orphaned sends HUP and CONT to the process group of p if the group has just become
// orphaned and one of its members is stopped (kill_orphaned_pgrp, setpgid(2)). A group is
// orphaned when no member has a parent in another group of the same session. parent is
// the previous parent of p; ignored is a member that is exiting, or nil.
func (w *World) orphaned(p, parent, ignored *process) {
	if parent == nil || parent.pgid == p.pgid || parent.sid != p.sid {
		return // parent did not keep the group from being orphaned
	}
	if w.isOrphaned(p.pgid, ignored) && w.hasStopped(p.pgid) {
		_ = w.sendGroup(nil, p.pgid, syscall.SIGHUP)
		_ = w.sendGroup(nil, p.pgid, syscall.SIGCONT) // cannot fail: p is in the group
	}
}

// isOrphaned reports whether no member of a process group has a parent in another group of
// the same session. Such a group is stopped by SIGSTOP only (do_signal_stop, setpgid(2)).
func (w *World) isOrphaned(pgid int, ignored *process) bool {
	for _, m := range w.table.byPid {
		if m == nil || m.pgid != pgid || m == ignored || m.dead || m.parent == nil || m.parent == w.table.init {
			continue
		}
		if m.parent.pgid != pgid && m.parent.sid == m.sid {
			return false
		}
	}
	return true
}

func (w *World) hasStopped(pgid int) bool {
	for _, m := range w.table.byPid {
		if m != nil && m.pgid == pgid && m.stopped {
			return true
		}
	}
	return false
}
