package fakesys

import (
	"path"
	"slices"
	"syscall"
)

// Lock is open(2) and flock(2) of a cgroup's directory.
func (k *Kernel) Lock(name string) error {
	k.call()
	errno := k.lock(name)
	k.done(OpLock, 0, 0, name, asError(errno))
	return asError(errno)
}

func (k *Kernel) lock(name string) syscall.Errno {
	if errno := k.fault(OpLock, path.Base(name)); errno != 0 {
		return errno
	}
	if k.cgroups == nil || !k.cgroups.holds(name) {
		return k.elsewhere(OpLock, name)
	}
	g := k.cgroups.at(name)
	switch {
	case g == nil:
		return k.cgroups.absentDir(name)
	case g.lock.held() || k.locks[name] != nil:
		return syscall.EWOULDBLOCK
	case k.Descriptors() >= k.opt.MaxFiles:
		return syscall.EMFILE
	}
	g.lock = &flock{by: k.self.pid}
	k.locks[name] = g
	return 0
}

// absentDir returns the errno of open(2) with O_DIRECTORY if there is no such directory.
func (fs *cgroupFS) absentDir(name string) syscall.Errno {
	if _, file := fs.split(name); file != nil {
		return syscall.ENOTDIR
	}
	return fs.absent(name)
}

// flock is a lock on a directory.
type flock struct {
	by         int         // who took it; 0: somebody of another pid namespace
	inheritors []*spawning // of who took it and died: children that shared its descriptors
}

// held reports whether the lock is held. The inheritors of a dead gosv release it one by
// one, when they exit or before they execute their programs.
func (l *flock) held() bool {
	return l != nil && (l.inheritors == nil || slices.ContainsFunc(l.inheritors, (*spawning).sharesDescriptors))
}

// shares reports whether the child of a start still has gosv's descriptors.
func (s *spawning) sharesDescriptors() bool {
	return s.child != nil && !s.child.dead && !s.ownDescriptors
}

// Unlock releases a lock.
func (k *Kernel) Unlock(name string) {
	k.call()
	g := k.locks[name]
	if g == nil {
		panic("fakesys: unlock of " + name + ", which is not locked")
	}
	g.lock = nil
	delete(k.locks, name)
	k.done(OpUnlock, 0, 0, name, nil)
}

// Locker is stat(2) of a directory and a search in /proc/locks.
func (k *Kernel) LockOwner(name string) (int, error) {
	k.call()
	pid, errno := k.locker(name)
	k.done(OpLocker, pid, 0, name, asError(errno))
	return pid, asError(errno)
}

func (k *Kernel) locker(name string) (int, syscall.Errno) {
	if errno := k.fault(OpLocker, path.Base(name)); errno != 0 {
		return 0, errno
	}
	if k.cgroups == nil || !k.cgroups.holds(name) {
		return 0, k.elsewhere(OpLocker, name)
	}
	g := k.cgroups.at(name)
	switch {
	case g == nil:
		return 0, k.cgroups.absent(name)
	case !g.lock.held():
		return 0, 0
	}
	return g.lock.by, 0
}

// HeldLocks counts the directories that gosv has locked.
func (k *Kernel) HeldLocks() int { return len(k.locks) }

// releaseLocks releases gosv's locks at its end, except for children that still share its
// descriptors.
func (k *Kernel) releaseLocks() {
	var inheritors []*spawning
	for _, s := range k.starts {
		if s.sharesDescriptors() {
			inheritors = append(inheritors, s)
		}
	}
	for _, g := range k.locks {
		g.lock.inheritors = inheritors
		if inheritors == nil {
			g.lock = nil
		}
	}
	clear(k.locks)
}
