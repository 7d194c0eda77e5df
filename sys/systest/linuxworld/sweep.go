package linuxworld

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// sweep is done once by a test program.
var sweep sync.Once

// makeLocked makes a directory and holds its lock: that shows others that its test
// program lives, as the kernel drops the lock of one that does not. Another program
// may come between, take the new directory for a dead one's, and remove it.
func makeLocked(own string) (dir string, lock *os.File, err error) {
	for {
		if dir, err = os.MkdirTemp(own, prefix); err != nil {
			return "", nil, err
		}
		if lock = lockDir(dir); lock != nil {
			return dir, lock, nil
		}
	}
}

// lockFolder gives nil if somebody else holds the lock or the directory is gone.
func lockDir(dir string) *os.File {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		var opened, named fs.FileInfo
		opened, err = f.Stat()
		if err == nil {
			named, err = os.Stat(dir)
		}
		if err == nil && os.SameFile(opened, named) {
			return f
		}
	}
	_ = f.Close()
	return nil
}

// removeDead removes the directories whose lock is free. What it cannot
// remove is for the next program to try.
func removeDead(own string) {
	dirs, _ := filepath.Glob(filepath.Join(own, prefix+"*"))
	for _, dir := range dirs {
		if lock := lockDir(dir); lock != nil {
			_ = remove(dir)
			_ = lock.Close()
		}
	}
}

// remove kills what is left in a directory and removes it from the bottom up. The
// kernel may call a group busy for a moment after its last process is gone.
func remove(dir string) (left error) {
	_ = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	limit := time.Now().Add(5 * time.Second)
	for i := len(dirs) - 1; i >= 0; i-- {
		err := syscall.Rmdir(dirs[i])
		for ; err == syscall.EBUSY && time.Now().Before(limit); err = syscall.Rmdir(dirs[i]) {
			killMembers(dirs[i])
			time.Sleep(time.Millisecond)
		}
		if err != nil && err != syscall.ENOENT {
			left = errors.Join(left, &fs.PathError{Op: "rmdir", Path: dirs[i], Err: err})
		}
	}
	return left
}

// killMembers ends those that cgroup.kill does not: processes whose first thread
// has ended.
func killMembers(dir string) {
	text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for word := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
