package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// lockConfig takes the flock(2) of a configuration file, so that a second gosv does not
// run the same services by mistake. The lock lasts until the file is closed. It is nil
// where there is no lock: a pipe has none, nor have some file systems.
func lockConfig(kernel sys.Locker, name string) (lock *os.File, err error) {
	if name == "" || opened.MatchString(name) {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, nil // loading it reports that
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return file, nil
	}
	defer file.Close()
	pid, _ := kernel.LockOwner(name) // 0: it is not shown
	if pid != 0 && syscall.Kill(pid, 0) == syscall.ESRCH {
		return nil, nil // a child of a dead gosv that hangs before its exec still has the descriptor
	}
	return nil, fmt.Errorf("another gosv (PID %d) already runs the services of %s: use gosv status, or stop it first; to run them twice, use a copy of the file", pid, name)
}
