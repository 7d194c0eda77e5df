package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/procfs"
)

func processes() (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, f := range dirs {
		if pid, err := strconv.Atoi(filepath.Base(f)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// stat is false for a process that is gone.
func stat(pid int) (procfs.Stat, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return procfs.Stat{}, false
	}
	st, err := procfs.ParseStat(text)
	return st, err == nil
}

// alive is false for a zombie.
func alive(pid int) bool {
	st, there := stat(pid)
	return there && st.Alive()
}

func state(pid int) byte {
	st, _ := stat(pid)
	return st.State
}

// environ is empty for a zombie.
func environ(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}

func variable(pid int, name string) (values []string) {
	for _, entry := range environ(pid) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			values = append(values, value)
		}
	}
	return values
}

// having lists the living processes with a variable of that value.
func having(name, value string) (pids []int) {
	for _, pid := range processes() {
		if values := variable(pid, name); len(values) > 0 && values[0] == value && alive(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// marked lists the living processes of one launch.
func marked(mark string) []int { return having(markVar, mark) }

// processesOf lists the living processes of the instance that a PID belongs to. A process
// shows no environment while it executes a program.
func processesOf(t *testing.T, pid int) (invocation string, pids []int) {
	t.Helper()
	eventually(t, fmt.Sprintf("one GOSV_INVOCATION of process %d", pid), func() bool {
		values := variable(pid, "GOSV_INVOCATION")
		if len(values) == 1 {
			invocation = values[0]
		}
		return len(values) == 1
	})
	return invocation, having("GOSV_INVOCATION", invocation)
}

// childrenOf lists the children of a process that are in a state.
func childrenOf(parent int, state byte) (pids []int) {
	for _, pid := range processes() {
		if st, there := stat(pid); there && st.Ppid == parent && st.State == state {
			pids = append(pids, pid)
		}
	}
	return pids
}

// descriptors maps the descriptors of a process to their files.
func descriptors(t *testing.T, pid int) map[string]string {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	open := map[string]string{}
	for _, e := range entries {
		open[e.Name()], _ = os.Readlink(filepath.Join(dir, e.Name()))
	}
	return open
}

// settled waits until a program is loaded, which opens libraries, and returns the three
// files that are open then.
func settled(t *testing.T, pid int) (open map[string]string) {
	t.Helper()
	eventually(t, "the program to have stdin, stdout, stderr and nothing else", func() bool {
		open = descriptors(t, pid)
		return len(open) == 3 && state(pid) == 'S'
	})
	return open
}

// startTimeOf is the start time of a process on the clock of sinceBoot, rounded down to the
// kernel's hundredths of a second.
func startTimeOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	st, there := stat(pid)
	require.True(t, there, "process %d is gone", pid)
	return time.Duration(st.StartTime) * tick
}

const tick = time.Second / 100 // USER_HZ

func sinceBoot() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	return time.Duration(now.Nano())
}

func itoa(n int) string { return strconv.Itoa(n) }

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	require.NoError(t, syscall.Kill(pid, sig), "kill %d with %v", pid, sig)
}
