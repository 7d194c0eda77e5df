package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// dirPrefix and the identifier of a run form the name of its temporary directory and of its
// cgroup.
const dirPrefix = "gosv-chaos-"

// cgroupNote is a file in the directory of a run that contains the path of its cgroup.
const cgroupNote = "cgroup"

// runDir is the temporary directory of a run. This program holds its flock(2), and the
// supervisor inherits it: the run is alive as long as either of them is. A later run removes
// what a dead run left ([reclaimDeadRuns]).
type runDir struct {
	name string
	lock *os.File
}

// newRunDir makes the directory. Another run that finds it before it names a cgroup leaves it
// alone.
func newRunDir(run string) (*runDir, error) {
	name := filepath.Join(os.TempDir(), dirPrefix+run)
	if err := os.Mkdir(name, 0o700); err != nil {
		return nil, CannotRun{fmt.Errorf("cannot make a temporary directory: %w", err)}
	}
	lock, err := lockDir(name, syscall.LOCK_EX)
	if err != nil {
		return nil, errors.Join(CannotRun{fmt.Errorf("cannot lock %s: %w", name, err)}, os.Remove(name))
	}
	return &runDir{name, lock}, nil
}

// recordCgroup records the cgroup of the run before it is made; empty means none. From then
// on a later run may remove the directory.
func (f *runDir) recordCgroup(cgroup string) error {
	return os.WriteFile(filepath.Join(f.name, cgroupNote), []byte(cgroup), 0o600)
}

func (f *runDir) remove() {
	_ = os.RemoveAll(f.name)
	_ = f.lock.Close()
}

// lockDir locks a directory, and checks that the name still refers to it afterwards.
func lockDir(name string, how int) (*os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), how)
	for err == syscall.EINTR {
		err = syscall.Flock(int(file.Fd()), how)
	}
	var opened, named fs.FileInfo
	if err == nil {
		opened, err = file.Stat()
	}
	if err == nil {
		named, err = os.Stat(name)
	}
	if err == nil && !os.SameFile(opened, named) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// reclaimDeadRuns kills and removes what dead runs of this user left: processes, cgroups and
// directories. The next run tries again what cannot be removed.
func reclaimDeadRuns() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, name := range dirs {
		if !isOwn(name) {
			continue // another user must not decide what is killed
		}
		lock, err := lockDir(name, syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue
		}
		reclaim(name)
		_ = lock.Close()
	}
}

func isOwn(name string) bool {
	info, err := os.Lstat(name)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// reclaim removes what a dead run left. A directory that names no cgroup is not touched.
func reclaim(name string) {
	cgroup, err := os.ReadFile(filepath.Join(name, cgroupNote))
	if err != nil {
		return
	}
	until := time.Now().Add(removeBound)
	killMarked(strings.TrimPrefix(filepath.Base(name), dirPrefix), until)
	if c := string(cgroup); filepath.Base(c) == filepath.Base(name) && isDir(c) {
		_ = writeFile(c, "cgroup.kill", "1")
		if len(removeAll(append(dirsBelow(c), c), until)) > 0 {
			return
		}
	}
	_ = os.RemoveAll(name)
}

// killMarked kills the processes of a run again and again: one may fork while another is
// killed.
func killMarked(run string, until time.Time) {
	k := newProcessTracker(run)
	for ; time.Now().Before(until); time.Sleep(pollInterval) {
		all, _ := pids()
		left := 0
		for _, pid := range all {
			if _, ok := k.identify(pid); ok {
				_ = k.kill(pid)
				left++
			}
		}
		if left == 0 {
			return
		}
	}
}
