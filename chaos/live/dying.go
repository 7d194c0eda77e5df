package live

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// A supervisor that has killed what an earlier run left, and that has asked for a
// start, waits for others: a process that is killed needs a processor to end, and
// one that is born needs one to become its program. On a busy machine either takes
// longer than a supervisor may be late, and neither stands in the supervisor's own
// account.

// dying adds up, for each service that is to be started again, for how long killed
// processes of it were still there.
type dying struct {
	seen map[string]time.Duration // when one was there at the last look
	sum  map[string]time.Duration
}

func newDying() dying { return dying{map[string]time.Duration{}, map[string]time.Duration{}} }

// look notes whether killed processes are there now. If they were there at the last
// look, all the time since then is theirs.
func (d dying) look(service string, there bool, at time.Duration) {
	if last, was := d.seen[service]; was {
		d.sum[service] += at - last
	}
	delete(d.seen, service)
	if there {
		d.seen[service] = at
	}
}

// forget begins anew.
func (d dying) forget(service string) {
	delete(d.seen, service)
	delete(d.sum, service)
}

// leaves tells whether processes of a service are killed and not gone.
func (k *processTracker) leaves(service string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for pid, r := range k.known {
		if r.service != service {
			continue
		}
		s, ok := readStat(pid)
		switch {
		case !ok || s.StartTime != r.start || !s.Alive():
			delete(k.known, pid) // it has no children any more
		case isDying(pid):
			return true
		}
	}
	return false
}

// anyDying tells whether a process in a cgroup is killed and not gone. It may have
// been too short-lived for the observer to know it.
func anyDying(dir string) bool {
	text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	for word := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && isDying(pid) {
			return true
		}
	}
	return false
}

// leafOf is the cgroup of a main process, if the supervisor has made it; else "".
func (r *run) leafOf(pid int) string {
	own := r.Supervisor.Cgroup()
	if own == "" {
		return ""
	}
	dir, ok := cgroupOf(strconv.Itoa(pid))
	if !ok || !strings.HasPrefix(dir, own+"/") {
		return ""
	}
	return dir
}

// watchDying looks at what earlier runs of services have left.
func (r *run) watchDying() {
	for _, svc := range r.h.Services {
		if s := r.states[svc.Name]; s.To == lifecycle.Backoff.String() {
			there := s.leaf != "" && anyDying(s.leaf) || r.leaves(svc.Name)
			r.dying.look(svc.Name, there, r.now())
		}
	}
}

// exiting is a flag of a thread that is on its way out (PF_EXITING of
// include/linux/sched.h).
const exiting = 0x4

// isDying tells whether a thread of a process has no way but out: it is ending, or
// KILL is pending. The first thread may have ended without the others.
func isDying(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, dir := range threads {
		text, _ := os.ReadFile(filepath.Join(dir, "stat"))
		s, err := procfs.ParseStat(text)
		if err != nil || s.State == 'Z' || s.State == 'X' {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(dir, "status"))
		if s.Flags&exiting != 0 || inMask(string(status), unix.SIGKILL, "SigPnd", "ShdPnd") {
			return true
		}
	}
	return false
}

// inMask tells whether a signal is in one of some masks of a process
// (proc_pid_status(5)).
func inMask(status string, sig unix.Signal, masks ...string) bool {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		for _, mask := range masks {
			bits, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			if name == mask && err == nil && bits&(1<<(sig-1)) != 0 {
				return true
			}
		}
	}
	return false
}

// birth is how long the first thread of a process has waited for a processor.
func birth(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	_, waited := schedstat(string(text))
	return waited
}
