package fakesys

import (
	"path"
	"syscall"
)

// Lock is open(2) and flock(2) of a cgroup's folder.
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
		return k.cgroups.absentFolder(name)
	case g.locked || k.locks[name] != nil:
		return syscall.EWOULDBLOCK
	case k.Descriptors() >= k.opt.MaxFiles:
		return syscall.EMFILE
	}
	g.locked = true
	k.locks[name] = g
	return 0
}

// absentFolder is open(2) with O_DIRECTORY of what is no folder.
func (fs *cgroupFS) absentFolder(name string) syscall.Errno {
	if _, file := fs.split(name); file != nil {
		return syscall.ENOTDIR
	}
	return fs.absent(name)
}

// Unlock gives a lock up.
func (k *Kernel) Unlock(name string) {
	k.call()
	g := k.locks[name]
	if g == nil {
		panic("fakesys: unlock of " + name + ", which is not locked")
	}
	g.locked = false
	delete(k.locks, name)
	k.done(OpUnlock, 0, 0, name, nil)
}

// releaseLocks is what the end of gosv's process does to its descriptors.
func (k *Kernel) releaseLocks() {
	for _, g := range k.locks {
		g.locked = false
	}
	clear(k.locks)
}
