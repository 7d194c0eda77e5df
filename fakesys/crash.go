package fakesys

import (
	"syscall"

	"github.com/gosv/gosv/sys"
)

// dead reports whether this gosv has crashed.
func (k *Kernel) dead() bool { return k.World.kernel != k }

// crash kills gosv's process and leaves the world as Linux does: its descriptors are
// closed, its children are reparented, and its forked spawns continue.
func (k *Kernel) crash() {
	k.note(k.self.pid, EvCrash, 0, 0, "", 0)
	k.Fire(Crash)
	for _, s := range k.starts {
		if !s.drained {
			k.Fire(CrashInStart)
			break
		}
	}
	for _, s := range k.pipes {
		s.abandon()
	}
	k.World.kernel = nil
	p := k.self
	if p.cgroup != nil {
		k.cgroups.leave(p)
	}
	for _, w := range k.watches {
		w.group.watches = nil
	}
	k.releaseLocks()
	p.dead = true
	p.status = sys.Status{Signal: syscall.SIGKILL}
	k.reparentChildren(p)
	k.orphaned(p, p.parent, p)
	k.reap(p)
	k.woken = true
}

// survived panics if gosv is dead, because its code must not continue.
func (k *Kernel) survived() {
	if k.dead() {
		panic(&Crashed{At: k.now})
	}
}

// Crash kills gosv as kill -9 does, unless it is dead already, and starts a new gosv
// process in the same world. Other processes keep running and become children of the
// world's init. A call through the old Kernel panics with *Crashed, so a harness can end
// the old program: kill it with SignalSelf(SIGKILL) at any time, recover, then call
// Crash. Crash panics if gosv is the init of its world, because the world ends with it.
func (k *Kernel) Crash() *Kernel {
	if k.table.init == nil {
		panic("fakesys: gosv is the init of its world, which ends with it")
	}
	if !k.dead() {
		k.crash()
	} else if k.jobs > 0 {
		k.running -= k.jobs // events that the death of gosv interrupted
	}
	pid, ok := k.newPid()
	if !ok {
		panic("fakesys: no PID is free for a new gosv")
	}
	return k.boot(pid)
}
