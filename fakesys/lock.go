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

// absentFolder is open(2) with O_DIRECTORY of what is no directory.
func (fs *cgroupFS) absentDir(name string) syscall.Errno {
	if _, file := fs.split(name); file != nil {
		return syscall.ENOTDIR
	}
	return fs.absent(name)
}

// flock is a lock on a directory that was not given up.
type flock struct {
	by    int      // who took it; 0: somebody of another pid namespace
	heirs []*start // of who took it and died: children that shared its descriptors
}

// held tells whether somebody has the lock. The heirs of a dead gosv give it up
// one by one: at their ends, or before they execute their programs.
func (l *flock) held() bool {
	return l != nil && (l.heirs == nil || slices.ContainsFunc(l.heirs, (*start).shares))
}

// shares tells whether the child of a start still has gosv's descriptors.
func (s *start) shares() bool { return s.child != nil && !s.child.dead && !s.apart }

// Unlock gives a lock up.
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

// Locker is stat(2) of a directory and a look into /proc/locks.
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

// releaseLocks is what the end of gosv's process does to its locks: they are free,
// but for children that have not made descriptors of their own yet.
func (k *Kernel) releaseLocks() {
	var heirs []*start
	for _, s := range k.starts {
		if s.shares() {
			heirs = append(heirs, s)
		}
	}
	for _, g := range k.locks {
		g.lock.heirs = heirs
		if heirs == nil {
			g.lock = nil
		}
	}
	clear(k.locks)
}
