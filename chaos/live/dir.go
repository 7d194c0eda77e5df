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

// folderPrefix and the identifier of a run are the name of its temporary directory, and
// of its cgroup.
const dirPrefix = "gosv-chaos-"

// cgroupNote is a file in the directory of a run, with the name of its cgroup.
const cgroupNote = "cgroup"

// runFolder is the temporary directory of a run. Its flock(2) is held by this program
// and by the supervisor, which inherits it: as long as either lives, so does the run.
// What a run leaves that was killed is removed by a later one ([sweepDead]).
type runDir struct {
	name string
	lock *os.File
}

// newRunFolder makes the directory. A sweep that looks at it meanwhile finds no note in
// it, and leaves it.
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

// note says which cgroup is this run's, before that is made ("": none), and makes the
// directory one that is swept when the run is dead.
func (f *runDir) recordCgroup(cgroup string) error {
	return os.WriteFile(filepath.Join(f.name, cgroupNote), []byte(cgroup), 0o600)
}

func (f *runDir) remove() {
	_ = os.RemoveAll(f.name)
	_ = f.lock.Close()
}

// lockFolder locks a directory, if the name is still that directory's when it is locked.
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

// sweepDead ends and removes what is left of runs of this user that were killed: their
// processes, cgroups and directories. What cannot be removed is for the next run to try.
func reclaimDeadRuns() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, name := range dirs {
		if !isOwn(name) {
			continue // whoever made it must not say what is killed
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

// bury removes what is left of a dead run. A directory without a note is none's.
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

// endAll kills the processes with the mark of a run, over and over: one may fork while
// another is killed.
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
