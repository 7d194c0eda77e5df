package linux

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// locks are the flocks held: one descriptor for each, by the directory's path. They
// are close-on-exec, so that no child keeps a lock of a gosv that has ended.
type locks struct {
	mu   sync.Mutex
	held map[string]int
}

// Lock implements sys.Files.
func (k *Kernel) Lock(path string) error {
	k.locks.mu.Lock()
	defer k.locks.mu.Unlock()
	if _, mine := k.locks.held[path]; mine {
		return onPath("flock", path, unix.EWOULDBLOCK)
	}
	fd, err := open(path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return onPath("open", path, err)
	}
	_, err = retry(func() (int, error) { return 0, unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) })
	if err == nil {
		err = stillThere(fd, path)
	}
	if err != nil {
		unix.Close(fd)
		return onPath("flock", path, err)
	}
	if k.locks.held == nil {
		k.locks.held = map[string]int{}
	}
	k.locks.held[path] = fd
	return nil
}

// stillThere reports whether a path still leads to the directory that was opened: a
// lock on a removed directory would exclude no other process.
func stillThere(fd int, path string) error {
	var opened, named unix.Stat_t
	if err := unix.Fstat(fd, &opened); err != nil {
		return err
	}
	if err := unix.Stat(path, &named); err != nil {
		return err
	}
	if opened.Dev != named.Dev || opened.Ino != named.Ino {
		return unix.ENOENT
	}
	return nil
}

// Unlock implements sys.Files.
func (k *Kernel) Unlock(path string) {
	k.locks.mu.Lock()
	defer k.locks.mu.Unlock()
	fd, mine := k.locks.held[path]
	if !mine {
		panic(fmt.Sprintf("sys/linux: Unlock of %s, which is not locked", path))
	}
	delete(k.locks.held, path)
	unix.Close(fd)
}

func (l *locks) close() {
	for _, fd := range l.held {
		unix.Close(fd)
	}
	l.held = nil
}
