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
	for _, p := range k.self.children {
		if p.spawn != nil {
			p.spawn.out.abandon()
			p.spawn.err.abandon()
		}
	}
	k.World.kernel = nil
	p := k.self
	if p.cgroup != nil {
		k.cgroups.leave(p)
	}
	for _, g := range k.watches {
		g.group.watches = nil
	}
	p.dead = true
	p.status = sys.Status{Signal: syscall.SIGKILL}
	k.handOn(p)
	k.reap(p)
	if k.blocked {
		panic(&Crashed{At: k.now})
	}
}

// Crash kills gosv (as kill -9 does) and starts a new gosv process on the same
// world, which lives on: what ran, runs, and is a child of the world's init now.
// The old Kernel must not be used any more. A gosv that is its world's init has
// no life after it: Crash panics.
func (k *Kernel) Crash() *Kernel {
	if k.table.init == nil {
		panic("fakesys: gosv is the init of its world, which ends with it")
	}
	if !k.dead() {
		k.blocked = false
		k.crash()
	}
	pid, ok := k.newPid()
	if !ok {
		panic("fakesys: no process number is left for a new gosv")
	}
	return k.boot(pid)
}
