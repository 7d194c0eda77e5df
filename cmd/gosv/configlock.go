package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lockConfig takes the flock(2) of a configuration file, so that a second gosv does not
// run the same services by mistake. The lock lasts until the file is closed. It is nil
// where there is no lock: a pipe has none, nor have some file systems.
func lockConfig(name string) (lock *os.File, err error) {
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
	info, err := file.Stat()
	if err != nil {
		return nil, nil
	}
	pid := lockOwner(info, procLocks())
	if pid != 0 && syscall.Kill(pid, 0) == syscall.ESRCH {
		return nil, nil // a child of a dead gosv that hangs before its exec still has the descriptor
	}
	return nil, fmt.Errorf("another gosv (PID %d) already runs the services of %s: use gosv status, or stop it first; to run them twice, use a copy of the file", pid, name)
}

func procLocks() string {
	text, _ := os.ReadFile("/proc/locks")
	return string(text)
}

// lockOwner finds the PID that took a lock on a file in the text of /proc/locks
// (proc_locks(5)); 0 if it is not shown.
func lockOwner(info fs.FileInfo, locks string) int {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	major, minor := stat.Dev>>8&0xfff|stat.Dev>>32&^0xfff, stat.Dev&0xff|stat.Dev>>12&^0xff
	file := fmt.Sprintf("%02x:%02x:%d", major, minor, stat.Ino)
	for line := range strings.Lines(locks) {
		if fields := strings.Fields(line); len(fields) > 5 && fields[1] == "FLOCK" && fields[5] == file {
			pid, _ := strconv.Atoi(fields[4])
			return pid
		}
	}
	return 0
}
