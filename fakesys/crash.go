package fakesys

import (
	"syscall"

	"github.com/gosv/gosv/sys"
)

// dead tells whether this gosv has crashed.
func (k *Kernel) dead() bool { return k.World.kernel != k }

// crash ends gosv's process and leaves the world as Linux would: its
// descriptors are closed, its children handed on, its starts go on or not.
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

// survived panics if gosv is dead: its code must not run on.
func (k *Kernel) survived() {
	if k.dead() {
		panic(&Crashed{At: k.now})
	}
}

// Crash kills gosv (as kill -9 does), if it has not been killed, and starts a new
// gosv process on the same world, which lives on: what ran, runs, and is a child
// of the world's init now. A call through the old Kernel panics with *Crashed, so
// that a harness can end the old program: kill it by SignalSelf(SIGKILL) at any
// moment, recover, then call Crash. A gosv that is its world's init has no life
// after it: Crash panics.
func (k *Kernel) Crash() *Kernel {
	if k.table.init == nil {
		panic("fakesys: gosv is the init of its world, which ends with it")
	}
	if !k.dead() {
		k.crash()
	} else if k.jobs > 0 {
		k.running -= k.jobs // the events that the death of gosv broke off
	}
	pid, ok := k.newPid()
	if !ok {
		panic("fakesys: no process number is left for a new gosv")
	}
	return k.boot(pid)
}
