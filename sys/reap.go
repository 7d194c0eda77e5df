package sys

import "syscall"

// Status is how a process ended: by a signal if Signal is not zero, else by
// exit with Code (0..255).
type Status struct {
	Code   int
	Signal syscall.Signal
	Core   bool // a core was dumped
}

// Success tells whether the process ended by exit(0).
func (s Status) Success() bool { return s.Signal == 0 && s.Code == 0 }

// Reaper learns how children ended. There is one for the whole process: nothing
// else in it may wait for children.
type Reaper interface {
	// Exited drains the handles of children that ended since the last call,
	// oldest first as far as known. It is a ready list: a handle comes once, and
	// none that was closed. One for which Peek or Reap then says that the child has
	// not ended comes again: a child that is traced is a zombie of its tracer first,
	// and ours when that lets go (ptrace(2)).
	//
	// After a Wait with WokeDeadline none is missing that ended before the call, so
	// that whoever acts on a deadline knows who has kept it. After another Wait those
	// may be missing that ended since it looked: they wake the next one.
	Exited() []Handle
	// Peek reports whether the child has ended and how, and leaves it as it
	// is. ECHILD: it is no longer ours to wait for.
	Peek(Handle) (st Status, ended bool, err error)
	// Reap is Peek, and the zombie is gone afterwards. The handle stays valid
	// (it names a process that no longer exists) until Close.
	Reap(Handle) (st Status, ended bool, err error)

	// PeekOrphan finds a zombie that no Spawn of ours made: an adopted orphan.
	// pid is 0 if there is none. exists is false only if it is certain that
	// gosv has no adopted child at all, dead or alive; then nothing that was
	// ever started lives on outside its own parent.
	//
	// Siblings of a child of Spawn, which it made by clone(2) with CLONE_PARENT, are
	// our children too and nobody's orphans. While there are starts under way or
	// children of Spawn whose handle is open and that were not reaped, PeekOrphan does
	// not see them, nor a child whose handle was closed: a zombie
	// among them is found by PeekAny, a living one by GroupLives as long as it stays
	// in its group, and else only in /proc.
	//
	// Where the implementation can only wait for any child, pid may be that
	// of a child of Spawn; the caller knows these by their numbers, and one that
	// it holds unreaped hides the others. exists is true there as long as there
	// is any child.
	PeekOrphan() (pid int, st Status, exists bool, err error)
	// PeekAny finds a zombie among all children, those of Spawn and of starts under
	// way too, which the caller knows by their numbers. pid is 0 if there is none.
	// The same one comes until it is reaped, and hides the others. It costs the more,
	// the more children there are.
	PeekAny() (pid int, st Status, err error)
	// ReapOrphan reaps the zombie with that number, which PeekOrphan or PeekAny has
	// just returned; nothing else could have reaped it in between.
	ReapOrphan(pid int) (Status, error)
	// GroupLives tells whether any child of gosv that is not a zombie is in the
	// process group that the child leads, or led. The caller holds the child
	// unreaped, as for SignalGroup, or has reaped it since the last Wait, with its
	// handle still open; then nothing pins the number of the group but who lives
	// in it, and the answer costs the same whatever the number of children.
	// A zombie that is its tracer's counts as living.
	GroupLives(Handle) (bool, error)
}

// Signaler sends signals, by handle and never by a bare number that may have
// been given to another process meanwhile.
type Signaler interface {
	// Signal is pidfd_send_signal(2). ESRCH: reaped. Success on a zombie
	// means nothing happened.
	Signal(Handle, syscall.Signal) error
	// SignalGroup sends to every member of the process group that the child
	// leads. The caller holds the child unreaped: a zombie keeps the number
	// of its group from being reused.
	SignalGroup(Handle, syscall.Signal) error
	// OpenPid gives a handle on any process (pidfd_open(2)). The number may
	// name another process than the caller thinks: compare the start time in
	// /proc/PID/stat after opening. ESRCH: there is none.
	OpenPid(pid int) (Handle, error)
	// Close gives a handle up. It does nothing to the process.
	Close(Handle)
}
