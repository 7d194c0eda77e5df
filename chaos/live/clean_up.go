package live

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// cleanUp records what the supervisor left behind, and removes it.
func (r *run) cleanUp() {
	if !r.supervisorEnded() {
		r.Supervisor.Kill()
		<-r.Supervisor.Ended()
	}
	r.trackAdopted()
	for _, p := range r.marked() {
		whose := "of " + p.Service
		if p.Service == "" {
			whose = "which the supervisor had adopted"
		}
		r.leak("process", "PID %d (%s) %s", p.Pid, p.Comm, whose)
	}
	if dir := r.Supervisor.Cgroup(); dir != "" {
		for _, f := range dirsBelow(dir) {
			r.leak("cgroup", "%s", f)
		}
	}
	r.killAll()
	r.h.Leaks = append(r.h.Leaks, r.Supervisor.Close()...)
}

// killBound is how long killing what is left may take.
const killBound = 10 * time.Second

// killAll kills every process of the run, again and again: one may fork while another is
// killed.
func (r *run) killAll() {
	killed := map[int]bool{}
	for until := r.now() + killBound; r.now() < until; time.Sleep(pollInterval) {
		left := r.marked()
		for _, p := range left {
			if err := r.kill(p.Pid); err != nil && !errors.Is(err, unix.ESRCH) {
				r.fail(fmt.Errorf("cannot kill PID %d (%s), which the supervisor left behind: %w", p.Pid, p.Comm, err))
			}
			killed[p.Pid] = true
		}
		for pid := range killed { // those that became children of this program
			if got, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); got == pid || err == unix.ECHILD {
				delete(killed, pid)
			}
		}
		if len(left)+len(killed) == 0 {
			return
		}
	}
	r.fail(errors.New("cannot kill the processes that the supervisor left behind"))
}

// dirsBelow returns the directories below a directory, the deepest first.
func dirsBelow(dir string) (below []string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != dir {
			below = append([]string{name}, below...)
		}
		return nil
	})
	return below
}
