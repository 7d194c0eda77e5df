package fakesys

import (
	"slices"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// childEnded is SIGCHLD to gosv, and the readiness of the child's handle.
func (k *Kernel) childEnded(p *process) {
	if p.spawn != nil && p.spawn.over && p.spawn.child == nil {
		k.reap(p) // its spawn failed, and the failure was reported while its tracer held the zombie
		return
	}
	if p.spawn != nil && !p.spawn.drained {
		return // Spawned reports it after the result
	}
	if k.pending&sys.WokeChild != 0 {
		k.Fire(ChildrenMerged)
	}
	if h := k.childHandle(p); h != 0 && k.drawn(ExitStolen, k.faults.StolenExit) {
		k.note(p.pid, EvFault, p.pid, 0, Catalogue[ExitStolen].Name, 0)
		p.stolen = true
		k.reap(p)
		k.exited = append(k.exited, h)
		k.wake(sys.WokeChild)
		return
	}
	lost, late := k.faults.childNotice(k.World)
	if lost {
		return
	}
	if late > 0 {
		k.after(late, "a late exit notice", func() { k.noticeChild(p) })
		return
	}
	k.noticeChild(p)
}

// tracedChildEnded is the exit of a traced child: its handle is readable although its
// tracer waits for it first.
func (k *Kernel) tracedChildEnded(p *process) {
	if p.spawn != nil && p.spawn.drained {
		k.noticeChild(p)
	}
}

func (k *Kernel) noticeChild(p *process) {
	if p.spawn == nil {
		k.wake(sys.WokeChild)
		return
	}
	if p.reaped {
		k.Fire(StaleExit)
		return
	}
	if h := k.childHandle(p); h != 0 {
		if !slices.Contains(k.exited, h) {
			k.exited = append(k.exited, h)
		}
		k.wake(sys.WokeChild)
	}
}

// childChanged is SIGCHLD for a stop: a wake, and nothing to drain.
func (k *Kernel) childChanged() {
	k.Fire(StopReported)
	k.wake(sys.WokeChild)
}

// childHandle returns the handle that Spawn returned, or 0 if it was closed.
func (k *Kernel) childHandle(p *process) sys.Handle {
	if i := int(p.handle) - firstHandle; i >= 0 && k.handles[i] != nil && k.handles[i].proc == p {
		return p.handle
	}
	return 0
}

// Exited drains the children that exited.
func (k *Kernel) Exited() []sys.Handle {
	k.call()
	handles := k.exited
	k.exited = nil
	k.done(OpExited, len(handles), 0, "", nil)
	return handles
}

// Peek is waitid(P_PIDFD, WEXITED|WNOHANG|WNOWAIT).
func (k *Kernel) Peek(h sys.Handle) (sys.Status, bool, error) {
	return k.waitid(h, OpPeek)
}

// Reap is waitid(P_PIDFD, WEXITED|WNOHANG).
func (k *Kernel) Reap(h sys.Handle) (sys.Status, bool, error) {
	st, ended, err := k.waitid(h, OpReap)
	if ended {
		k.reap(k.held(h, OpReap).proc)
	}
	return st, ended, err
}

func (k *Kernel) waitid(h sys.Handle, op Op) (st sys.Status, ended bool, err error) {
	k.call()
	p := k.held(h, op).proc
	switch errno := k.fault(op, ""); {
	case errno != 0:
		err = errno
	case p.reaped || p.parent != k.self:
		err = syscall.ECHILD
	case p.waitable():
		st, ended = p.status, true
	}
	k.done(op, p.pid, int(st.Signal)<<8|st.Code, "", err)
	return st, ended, err
}

// Orphans finds a zombie among the adopted children, oldest first. Siblings of
// children of Spawn (CLONE_PARENT) are included when gosv holds no child of Spawn.
func (k *Kernel) Orphans() (o sys.Orphans, err error) {
	k.call()
	if errno := k.fault(OpOrphans, ""); errno != 0 {
		err = errno
	} else {
		o.Zombie, o.Status, o.Exist = k.zombie(!k.occupied())
	}
	k.done(OpOrphans, o.Zombie, int(o.Status.Signal)<<8|o.Status.Code, "", err)
	return o, err
}

// zombie finds one among the adopted children, or among all: the adopted ones
// first, which are children of the main thread.
func (k *Kernel) zombie(all bool) (pid int, st sys.Status, exists bool) {
	for _, p := range k.self.children {
		adopted := p.spawn == nil && !p.sibling
		if !adopted && !all {
			continue
		}
		exists = true
		if p.waitable() && (pid == 0 || adopted) {
			pid, st = p.pid, p.status
			if adopted {
				break
			}
		}
	}
	return pid, st, exists
}

// occupied reports whether a spawn is in progress, or gosv holds the handle of a spawned
// child.
func (k *Kernel) occupied() bool {
	for _, p := range k.self.children {
		if s := p.spawn; s != nil && (p.handle != 0 || !s.drained || s.child == nil) {
			return true
		}
	}
	return k.undrained > 0
}

// AnyZombie finds a zombie among all children.
func (k *Kernel) AnyZombie() (pid int, st sys.Status, err error) {
	k.call()
	if errno := k.fault(OpAnyZombie, ""); errno != 0 {
		err = errno
	} else {
		pid, st, _ = k.zombie(true)
	}
	k.done(OpAnyZombie, pid, int(st.Signal)<<8|st.Code, "", err)
	return pid, st, err
}

// GroupAlive is waitid(P_PGID, WSTOPPED|WNOHANG|WNOWAIT), which is ECHILD if there
// are only zombies (wait_consider_task of kernel/exit.c).
func (k *Kernel) GroupAlive(h sys.Handle) (lives bool, err error) {
	k.call()
	leader := k.held(h, OpGroupAlive).proc
	if errno := k.fault(OpGroupAlive, ""); errno != 0 {
		k.done(OpGroupAlive, leader.pid, 0, "", errno)
		return false, errno
	}
	for _, p := range k.self.children {
		lives = lives || p.pgid == leader.pid && !p.waitable()
	}
	k.done(OpGroupAlive, leader.pid, flag(lives), "", nil)
	return lives, nil
}

// ReapPid is waitid(P_PID).
func (k *Kernel) ReapPid(pid int) (sys.Status, error) {
	k.call()
	p, errno := k.find(pid), k.fault(OpReapPid, "")
	if errno == 0 && (p == nil || p.parent != k.self || !p.waitable()) {
		errno = syscall.ECHILD
	}
	if errno != 0 {
		k.done(OpReapPid, pid, 0, "", errno)
		return sys.Status{}, errno
	}
	k.reap(p)
	k.Fire(OrphanReaped)
	k.done(OpReapPid, pid, 0, "", nil)
	return p.status, nil
}

// Pid returns gosv's PID.
func (k *Kernel) Pid() int { return k.self.pid }

// BecomeSubreaper is prctl(PR_SET_CHILD_SUBREAPER).
func (k *Kernel) BecomeSubreaper() error {
	k.call()
	k.self.subreaper = true
	k.done(OpSubreaper, 0, 0, "", nil)
	return nil
}
