package linux

import (
	"bytes"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"
)

// LockOwner implements sys.Locker.
func (k *Kernel) LockOwner(path string) (pid int, err error) {
	var dir unix.Stat_t
	if _, err := retry(func() (int, error) { return 0, unix.Stat(path, &dir) }); err != nil {
		return 0, onPath("stat", path, err)
	}
	table, err := k.ReadFile("/proc/locks")
	if err != nil {
		return 0, err
	}
	return lockerIn(table, inode(dir.Dev, dir.Ino)), nil
}

// inode names a file as /proc/locks does (lock_get_status of fs/locks.c).
func inode(dev, ino uint64) string {
	return fmt.Sprintf("%02x:%02x:%d", unix.Major(dev), unix.Minor(dev), ino)
}

// lockerIn finds who has the flock on a file, in a line of proc_pid_locks(5):
//
//	1: FLOCK  ADVISORY  WRITE 7339 00:1a:36122483 0 EOF
//
// Processes that wait for the lock have an arrow before FLOCK. 0: it is not locked.
func lockerIn(table []byte, inode string) int {
	for line := range bytes.Lines(table) {
		words := bytes.Fields(line)
		if len(words) < 6 || string(words[1]) != "FLOCK" || string(words[5]) != inode {
			continue
		}
		if pid, err := strconv.Atoi(string(words[4])); err == nil && pid > 0 {
			return pid
		}
	}
	return 0
}
