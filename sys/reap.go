package sys

import "syscall"

// Status is how a process ended: by a signal if Signal is not zero, else by
// exit with Code (0..255).
type Status struct {
	Code   int
	Signal syscall.Signal
	Core   bool // a core was dumped
}

// Success reports whether the process ended by exit(0).
func (s Status) Success() bool { return s.Signal == 0 && s.Code == 0 }

// Reaper reports how children ended. There is one for the whole process: nothing
// else in it may wait for children.
//
// Where it reports that a child cannot be waited for, only ECHILD says that the
// child is gone. After any other error nothing is known about the child.
type Reaper interface {
	// Exited drains the handles of children that ended since the last call,
	// oldest first as far as known. Each handle comes once, and none that was
	// closed. A handle for which Peek or Reap then reports that the child has not
	// ended comes again later: a traced child becomes a zombie of its tracer
	// first, and a zombie of gosv when the tracer lets go (ptrace(2)).
	//
	// After a Wait that returned WokeDeadline, Exited is complete: it includes
	// every child that ended before the call. So the caller can act on a deadline
	// knowing which children have met it. After another Wait, children that ended
	// since that Wait looked may be missing; the next Wait returns for them.
	Exited() []Handle
	// Peek reports whether the child has ended and how, and leaves the zombie.
	// ECHILD: it is no longer a child of gosv.
	Peek(Handle) (st Status, ended bool, err error)
	// Reap is Peek, and removes the zombie. The handle stays valid (it names a
	// process that no longer exists) until Close.
	Reap(Handle) (st Status, ended bool, err error)

	// Orphans reports on the processes that gosv has adopted as the subreaper of
	// its descendants. What it reports was not started by Spawn, as long as the
	// caller keeps the handles of the children of Spawn open until they are
	// reaped.
	//
	// A process that a child of Spawn made by clone(2) with CLONE_PARENT is a
	// child of gosv, but not adopted. Orphans reports it only while gosv holds no
	// child of Spawn and no start is under way. Until then AnyZombie finds it
	// when it has ended, and GroupAlive while it lives in its process group.
	Orphans() (Orphans, error)
	// AnyZombie returns a zombie among all children: adopted ones, children of
	// Spawn, and children of starts that have no result yet. The caller knows
	// the children of Spawn by their PIDs. pid is 0 if there is none. It
	// returns the same zombie until that is reaped, even if there are others.
	// Its cost grows with the number of children.
	AnyZombie() (pid int, st Status, err error)
	// ReapPid reaps the zombie that Orphans or AnyZombie has just returned.
	ReapPid(pid int) (Status, error)
	// GroupAlive reports whether the process group that the child leads, or led,
	// has a member that is a child of gosv and not a zombie. The caller has not
	// reaped the child yet, as for SignalGroup, or has reaped it since the last
	// Wait and has not closed its handle. After the reap the PID of the group
	// may be reused when the group is empty. A zombie that its tracer has not
	// let go counts as alive.
	GroupAlive(Handle) (bool, error)
}

// Orphans is what Reaper.Orphans reports.
type Orphans struct {
	Exist  bool   // gosv has at least one orphan, alive or a zombie
	Zombie int    // the PID of one that has ended and can be reaped; 0: there is none
	Status Status // how that one ended
}

// Signaler sends signals to handles, never to a PID, which may have been reused.
type Signaler interface {
	// Signal is pidfd_send_signal(2). ESRCH: reaped. Success on a zombie
	// means nothing happened.
	Signal(Handle, syscall.Signal) error
	// SignalGroup sends to every member of the process group that the child
	// leads. The caller has not reaped the child yet: a zombie keeps the PID of
	// its group from being reused.
	SignalGroup(Handle, syscall.Signal) error
	// OpenPid returns a handle on any process (pidfd_open(2)). The PID may have
	// been reused: compare the start time in /proc/PID/stat after opening.
	// ESRCH: there is no such process.
	OpenPid(pid int) (Handle, error)
	// Close closes a handle. It does nothing to the process.
	Close(Handle)
}
