package fakesys

import "syscall"

// orphaned sends HUP and CONT to the group of p if that has just been orphaned: nobody
// in it has a parent any more that is of another group of the session, and one of it is
// stopped (kill_orphaned_pgrp, setpgid(2)). parent is the one that was the tie, ignored
// a member that is ending, or nil.
func (w *World) orphaned(p, parent, ignored *process) {
	if parent == nil || parent.pgid == p.pgid || parent.sid != p.sid {
		return // it was none
	}
	stopped := false
	for _, m := range w.table.byPid {
		if m == nil || m.pgid != p.pgid {
			continue
		}
		stopped = stopped || m.stopped
		if m == ignored || m.dead || m.parent == nil || m.parent == w.table.init {
			continue
		}
		if m.parent.pgid != p.pgid && m.parent.sid == m.sid {
			return // there is another tie
		}
	}
	if stopped {
		_ = w.sendGroup(nil, p.pgid, syscall.SIGHUP)
		_ = w.sendGroup(nil, p.pgid, syscall.SIGCONT) // p itself is in the group
	}
}
