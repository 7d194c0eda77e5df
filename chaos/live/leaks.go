package live

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

func (r *run) leak(kind, format string, args ...any) {
	r.h.Leaks = append(r.h.Leaks, chaos.Leak{Kind: kind, What: fmt.Sprintf(format, args...)})
}

// exitGrace is how long the last processes of earlier runs may take to go.
const exitGrace = time.Second

// allowedDescriptors is how many descriptors more than before the faults a supervisor may
// have open when the same services run: what it opens once and keeps. It does not grow with
// the number of faults, so a leak per fault is seen from the third fault on.
const allowedDescriptors = 2

// checkRunningLeaks checks a supervisor whose services are stable again: no process of an
// earlier run lives, no zombie remains, and no more descriptors are open than before.
func (r *run) checkRunningLeaks() {
	var old []string
	var zombies []int
	var growth int
	for until := r.now() + exitGrace; ; r.wait(until) {
		old, zombies, growth = append(r.olderProcesses(), r.populatedOldCgroups()...), zombiesOf(r.Supervisor.Pid()), descriptors(r.Supervisor.Pid())-r.stableFDs
		if len(old)+len(zombies) == 0 && growth <= allowedDescriptors || r.now() >= until {
			break
		}
	}
	for _, what := range old {
		r.leak("process", "%s", what)
	}
	for _, pid := range zombies {
		r.leak("zombie", "PID %d, which the supervisor does not reap", pid)
	}
	if r.stableFDs > 0 && growth > allowedDescriptors {
		r.leak("descriptor", "%d more open in the supervisor than before the faults, with the same services running (%d)", growth, r.stableFDs)
	}
}

// olderProcesses describes processes of the run that are older than the main process of
// their service, and processes without the mark that are older than every main process:
// they belong to no service that runs.
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
			old = append(old, fmt.Sprintf("PID %d (%s) of an earlier run of %s", p.Pid, p.Comm, p.Service))
		}
	}
	for _, p := range r.adoptedUnmarked() {
		if p.StartTime < first {
			old = append(old, fmt.Sprintf("PID %d (%s), which the supervisor adopted, and which is older than every service that runs", p.Pid, p.Comm))
		}
	}
	return old
}

// populatedOldCgroups describes cgroups of earlier runs that the kernel reports as populated
// (cgroup.events), if the supervisor gives each service a directory with a cgroup for each
// run below.
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
				old = append(old, fmt.Sprintf("in the cgroup %s of an earlier run of %s", leaf, service))
			}
		}
	}
	return old
}

// zombiesOf returns the children of a process that it has not reaped.
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
