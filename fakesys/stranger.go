package fakesys

import (
	"fmt"
	"slices"
	"syscall"
)

// Kill is kill(2) by a stranger with the right to it: pid as there, so that a
// negative number is a group.
func (w *World) Kill(pid int, sig syscall.Signal) error {
	if pid < 0 {
		if errno := w.sendGroup(nil, -pid, sig); errno != 0 {
			return errno
		}
		return nil
	}
	p := w.find(pid)
	if p == nil {
		return syscall.ESRCH
	}
	w.send(nil, p, sig)
	return nil
}

// SignalSelf sends a signal to gosv.
func (k *Kernel) SignalSelf(sig syscall.Signal) { k.send(nil, k.self, sig) }

// TypeKey does what the terminal does at Ctrl-C (INT), Ctrl-\ (QUIT) and Ctrl-Z
// (TSTP): the signal goes to the foreground group.
func (w *World) TypeKey(sig syscall.Signal) {
	if w.tty == nil {
		panic("fakesys: a key is typed and there is no terminal (Options.Terminal)")
	}
	w.sendGroup(nil, w.tty.foreground, sig)
}

// GiveTerminal makes a process group the foreground of the terminal, as a shell's
// tcsetpgrp(3) does: gosv's own for fg, another for bg. 0 is the shell's.
func (w *World) GiveTerminal(pgid int) {
	if w.tty == nil {
		panic("fakesys: a terminal is given away and there is none (Options.Terminal)")
	}
	w.tty.foreground = pgid
}

// HangUp takes the terminal away, as its emulator does that ends. The SIGHUP that
// the kernel sends to who leads the session is not sent: that is the shell.
func (w *World) HangUp() { w.tty = nil }

// NextPid makes the next process get this number, if nothing uses it, as a write
// to /proc/sys/kernel/ns_last_pid does.
func (w *World) NextPid(pid int) { w.table.last, w.table.freed = pid-1, 0 }

// living finds a process for an action of the world, which must know what it
// deals with.
func (w *World) living(pid int, what string) *process {
	p := w.find(pid)
	if p == nil || p.dead || p.system {
		panic(fmt.Sprintf("fakesys: %s of process %d, which is not a living service", what, pid))
	}
	return p
}

// Unblock ends the uninterruptible sleep of a process, as the disk that comes
// back does. It does nothing to one that is not in such a sleep.
func (w *World) Unblock(pid int) {
	if p := w.living(pid, "Unblock"); p.hang {
		w.queue.cancel(p.timer)
		p.timer, p.slept = nil, true
		w.kick(p)
	}
}

// ChangeUser makes a process belong to another user: gosv's signals to it fail
// with EPERM. cgroup.kill still reaches it.
func (w *World) ChangeUser(pid int) { w.living(pid, "ChangeUser").foreign = true }

// EndLeader ends the first thread of a process while others live on: its state
// is Z, and it has not ended.
func (w *World) EndLeader(pid int) {
	w.living(pid, "EndLeader").leaderExited = true
	w.Fire(LeaderExited)
}

// LeaveGroup moves a process to gosv's process group, as setpgid(2) of its own
// does.
func (w *World) LeaveGroup(pid int) {
	p := w.living(pid, "LeaveGroup")
	if k := w.kernel; k != nil && p.sid == k.self.sid && p.pgid != k.self.pgid {
		w.table.setGroup(p, k.self.pgid, p.sid)
	}
}

// Freeze freezes or thaws the cgroup of a process, as a stranger does.
func (w *World) Freeze(pid int, freeze bool) {
	if g := w.living(pid, "Freeze").cgroup; g != nil {
		g.setFreeze(w, freeze)
	}
}

// KillCgroup kills the cgroup of a process, as a stranger's write to cgroup.kill
// does.
func (w *World) KillCgroup(pid int) {
	if g := w.living(pid, "KillCgroup").cgroup; g != nil {
		g.kill(w, nil)
	}
}

// Evict moves every member of a process's cgroup to gosv's own and removes the
// directory, and the one above it if that is empty then, as a stranger does.
func (w *World) Evict(pid int) {
	from := w.living(pid, "Evict").cgroup
	to := w.cgroups.root.below(w.cgroups.opt.Own)
	if from == nil || to == nil || from == to || len(from.children) > 0 || to.mayHost() != 0 {
		return
	}
	for _, p := range slices.Clone(from.members) {
		w.migrate(p, to)
	}
	w.Fire(CgroupChangedExternally)
	from.remove()
	if above := from.parent; above.parent != nil && above.populated == 0 && len(above.children) == 0 {
		above.remove()
	}
}

// Move is a stranger's write to cgroup.procs; the group is named as in
// /proc/PID/cgroup.
func (w *World) Move(pid int, group string) error {
	to := w.cgroups.root.below(group)
	if to == nil {
		return syscall.ENOENT
	}
	if errno := to.mayHost(); errno != 0 {
		return errno
	}
	w.Fire(CgroupChangedExternally)
	w.migrate(w.living(pid, "Move"), to)
	return nil
}
