package systest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// reader is what observing takes of a kernel.
type reader interface {
	ReadFile(name string) ([]byte, error)
	ReadDir(name string) ([]sys.DirEntry, error)
}

// ProcStat is what /proc/PID/stat says of a process (proc_pid_stat(5)). The suite reads it
// by itself: what package procfs gets wrong must not look right here.
type ProcStat struct {
	PID, Parent, Group, Session int
	State                       string
	Start                       string // clock ticks since boot
}

// ReadStat reads what /proc says of a process; found is false if no process has the PID.
func ReadStat(k reader, pid int) (st ProcStat, found bool) {
	text, err := k.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return st, false
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 20 || !strings.HasPrefix(string(text), strconv.Itoa(pid)+" (") {
		panic(fmt.Sprintf("systest: /proc/%d/stat is not as in proc_pid_stat(5): %q", pid, text))
	}
	st = ProcStat{PID: pid, State: fields[0], Start: fields[19]}
	for i, to := range []*int{&st.Parent, &st.Group, &st.Session} {
		*to, _ = strconv.Atoi(fields[i+1])
	}
	return st, true
}

// PIDs lists the processes that /proc shows.
func PIDs(k reader) (pids []int, err error) {
	entries, err := k.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, err
}

// CgroupOf reads the path of a process in the cgroup v2 tree; found is false if it has none.
func CgroupOf(k reader, pid int) (path string, found bool) {
	text, _ := k.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	_, rest, found := strings.Cut("\n"+string(text), "\n0::")
	path, _, _ = strings.Cut(rest, "\n")
	return path, found
}
