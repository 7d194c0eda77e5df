package fakesys

import (
	"fmt"
	"slices"
	"syscall"
)

// Kill is kill(2) by an external process with the permission to do so. A negative pid is a
// process group.
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
	if !w.hasTerminal() {
		panic("fakesys: TypeKey without a terminal (set Options.Terminal)")
	}
	w.sendGroup(nil, w.tty.foreground, sig)
}

// GiveTerminal makes a process group the foreground group of the terminal, as a shell does
// with tcsetpgrp(3): gosv's own group for fg, another for bg. 0 is the shell's group.
func (w *World) GiveTerminal(pgid int) {
	if !w.hasTerminal() {
		panic("fakesys: GiveTerminal without a terminal (set Options.Terminal)")
	}
	w.tty.foreground = pgid
}

// SetTerminalModes sets the modes of the terminal, as a process of the foreground group
// does with tcsetattr(3).
func (w *World) SetTerminalModes(modes syscall.Termios) { w.tty.modes = modes }

// HangUp removes the terminal, as an exiting terminal emulator does. It sends no SIGHUP,
// because the kernel sends that to the session leader, which is the shell.
func (w *World) HangUp() { w.tty.hungUp = true }

func (w *World) hasTerminal() bool { return w.tty.usable() == nil }

// NextPid makes the next process get this PID if it is free, as a write to
// /proc/sys/kernel/ns_last_pid does.
func (w *World) NextPid(pid int) { w.table.last, w.table.freed = pid-1, 0 }

// living returns a living process for an action of the world, and panics if there is none.
func (w *World) living(pid int, what string) *process {
	p := w.find(pid)
	if p == nil || p.dead || p.system {
		panic(fmt.Sprintf("fakesys: %s of PID %d, which is not a living process of a service", what, pid))
	}
	return p
}

// Unblock ends the uninterruptible sleep of a process, as a disk that recovers does. It
// has no effect on other processes.
func (w *World) Unblock(pid int) {
	if p := w.living(pid, "Unblock"); p.hang {
		w.queue.cancel(p.timer)
		p.timer, p.slept = nil, true
		w.kick(p)
	}
}

// ChangeUser makes a process belong to another user, so gosv's signals to it fail with
// EPERM. cgroup.kill still kills it.
func (w *World) ChangeUser(pid int) { w.living(pid, "ChangeUser").foreign = true }

// EndLeader ends the first thread of a process while other threads continue. Its state is
// Z although it has not exited.
func (w *World) EndLeader(pid int) {
	w.living(pid, "EndLeader").leaderExited = true
	w.Fire(LeaderExited)
}

// LeaveGroup moves a process to gosv's process group, as its own setpgid(2) does.
func (w *World) LeaveGroup(pid int) {
	p := w.living(pid, "LeaveGroup")
	if k := w.kernel; k != nil && p.sid == k.self.sid && p.pgid != k.self.pgid {
		w.table.setGroup(p, k.self.pgid, p.sid)
	}
}

// Freeze freezes or thaws the cgroup of a process, as an external process does.
func (w *World) Freeze(pid int, freeze bool) {
	if g := w.living(pid, "Freeze").cgroup; g != nil {
		g.setFreeze(w, freeze)
	}
}

// KillCgroup kills the cgroup of a process, as an external write to cgroup.kill does.
func (w *World) KillCgroup(pid int) {
	if g := w.living(pid, "KillCgroup").cgroup; g != nil {
		g.kill(w, nil)
	}
}

// Evict moves all members of a process's cgroup to gosv's own cgroup, as an external
// process does, and removes the empty cgroup, and its parent if that is empty too.
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

// Move is an external write to cgroup.procs. The cgroup is named as in /proc/PID/cgroup.
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
