package live

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

func (r *run) leak(kind, format string, args ...any) {
	r.h.Leaks = append(r.h.Leaks, chaos.Leak{Kind: kind, What: fmt.Sprintf(format, args...)})
}

// lingering is how long something may be on its way out.
const exitGrace = time.Second

// leaksOfTheLiving looks at a supervisor whose services are steady again: nothing
// of an earlier generation lives, no zombie stays, and it has not more open than
// before.
func (r *run) checkRunningLeaks() {
	var old []string
	var zombies []int
	var growth int
	for until := r.now() + exitGrace; ; r.wait(until) {
		old, zombies, growth = append(r.olderProcesses(), r.populatedOldCgroups()...), zombiesOf(r.Supervisor.Pid()), descriptors(r.Supervisor.Pid())-r.stableFDs
		if len(old)+len(zombies) == 0 && growth <= r.allowedDescriptors() || r.now() >= until {
			break
		}
	}
	for _, what := range old {
		r.leak("process", "%s", what)
	}
	for _, pid := range zombies {
		r.leak("zombie", "%d, which the supervisor does not wait for", pid)
	}
	if r.stableFDs > 0 && growth > r.allowedDescriptors() {
		r.leak("descriptor", "%d more open in the supervisor than before the faults, when the same services ran (%d)", growth, r.stableFDs)
	}
}

// descriptorSlack are at most what a supervisor may open once and keep.
const descriptorSlack = 8

// spareDescriptors is how many more than before a supervisor may have open: a few,
// and not one for each fault, once there are as many faults as that can be told by.
func (r *run) allowedDescriptors() int {
	done := 0
	for _, d := range r.h.Injections {
		if d.Skipped == "" {
			done++
		}
	}
	return min(descriptorSlack, 2+done/2)
}

// outlived are the marked processes that are older than the main process of their
// service, and those without a mark that are older than any: they can be of no service
// that runs.
func (r *run) olderProcesses() (old []string) {
	began, first := map[string]uint64{}, uint64(0)
	for _, l := range r.processes() {
		if l.ExitedAt == 0 && r.states[l.Service].Pid == l.Pid && r.states[l.Service].To == lifecycle.Running.String() {
			began[l.Service] = l.StartTime
			if first == 0 || l.StartTime < first {
				first = l.StartTime
			}
		}
	}
	for _, p := range r.marked() {
		if start, runs := began[p.Service]; !runs || p.StartTime < start {
			old = append(old, fmt.Sprintf("%d (%s) of an earlier run of %s", p.Pid, p.Comm, p.Service))
		}
	}
	for _, p := range r.adoptedUnmarked() {
		if p.StartTime < first {
			old = append(old, fmt.Sprintf("%d (%s), which the supervisor has adopted, and which is older than all that it runs", p.Pid, p.Comm))
		}
	}
	return old
}

// populated are the cgroups of earlier runs of services in which something lives, by the
// kernel's own account (cgroup.events), where a service has a directory of its name and each
// run of it one below.
func (r *run) populatedOldCgroups() (old []string) {
	for service, s := range r.states {
		dir := filepath.Dir(s.leaf)
		if s.leaf == "" || filepath.Base(dir) != service || s.To != lifecycle.Running.String() {
			continue
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			leaf := filepath.Join(dir, e.Name())
			events, _ := os.ReadFile(filepath.Join(leaf, "cgroup.events"))
			if leaf != s.leaf && strings.Contains(string(events), "populated 1\n") {
				old = append(old, fmt.Sprintf("something in the cgroup %s of an earlier run of %s", leaf, service))
			}
		}
	}
	return old
}

// zombiesOf are the children of a process that it has not waited for.
func zombiesOf(parent int) (zombies []int) {
	all, _ := pids()
	for _, pid := range all {
		if s, ok := readStat(pid); ok && s.Ppid == parent && !s.Alive() {
			zombies = append(zombies, pid)
		}
	}
	return zombies
}

func descriptors(pid int) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(entries)
}

// clean notes what the supervisor left behind, and removes it.
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
		r.leak("process", "%d (%s) %s", p.Pid, p.Comm, whose)
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

// killAll kills every process of the run, over and over: one may fork while
// another is killed.
func (r *run) killAll() {
	killed := map[int]bool{}
	for until := r.now() + killBound; r.now() < until; time.Sleep(pollInterval) {
		left := r.marked()
		for _, p := range left {
			if err := r.kill(p.Pid); err != nil && !errors.Is(err, unix.ESRCH) {
				r.fail(fmt.Errorf("cannot kill process %d, which the supervisor left behind: %w", p.Pid, err))
			}
			killed[p.Pid] = true
		}
		for pid := range killed { // those that have become children of this program
			if got, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); got == pid || err == unix.ECHILD {
				delete(killed, pid)
			}
		}
		if len(left)+len(killed) == 0 {
			return
		}
	}
	r.fail(errors.New("processes that the supervisor left behind cannot be killed"))
}

// foldersBelow are the directories below a directory, the deepest first.
func dirsBelow(dir string) (below []string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != dir {
			below = append([]string{name}, below...)
		}
		return nil
	})
	return below
}
