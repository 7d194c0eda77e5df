package systest

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var procCases = []testcase{
	{"/proc shows a child, then its zombie, then nothing", procShowsLife},
	{"/proc lists processes by number", procListsNumbers},
	{"the start time in /proc tells two processes apart", procStartTime},
}

// tick is the unit of start times (sysconf(_SC_CLK_TCK) is 100 wherever Linux runs).
const tick = 10 * time.Millisecond

// process is what /proc/PID/stat says of one (proc_pid_stat(5)).
type process struct {
	pid, parent, group, session int
	state                       string
	start                       string // clock ticks since boot
}

// stat reads a process that must be there.
func (s *scene) stat(pid int) process {
	s.Helper()
	found := s.processesOf(pid)
	require.Len(s, found, 1, "/proc does not show process %d", pid)
	return found[0]
}

// processesOf gives the processes of these numbers that are there.
func (s *scene) processesOf(pids ...int) (found []process) {
	s.Helper()
	for _, pid := range pids {
		text, err := s.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended meanwhile
		}
		head, tail, ok := strings.Cut(string(text), " (")
		end := strings.LastIndex(tail, ") ")
		require.True(s, ok && end > 0, "%q", text)
		fields := strings.Fields(tail[end+2:])
		require.GreaterOrEqual(s, len(fields), 20, "%q", text)
		require.Equal(s, strconv.Itoa(pid), head)
		found = append(found, process{pid: pid, state: fields[0], parent: s.number(fields[1]), group: s.number(fields[2]), session: s.number(fields[3]), start: fields[19]})
	}
	return found
}

func (s *scene) number(text string) int {
	s.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(s, err)
	return n
}

// processes gives all that /proc lists.
func (s *scene) processes() []process {
	s.Helper()
	entries, err := s.ReadDir("/proc")
	require.NoError(s, err)
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name); err == nil {
			pids = append(pids, pid)
		}
	}
	return s.processesOf(pids...)
}

// group gives the numbers of the members of a process group, zombies included.
func (s *scene) group(pgid int) (pids []int) {
	s.Helper()
	for _, p := range s.processes() {
		if p.group == pgid {
			pids = append(pids, p.pid)
		}
	}
	return pids
}

func procShowsLife(s *scene) {
	c := s.ready("on USR1 {exit 0}; print ready; sleep forever")
	assert.Contains(s, "RS", s.stat(c.Pid).state)
	s.Send(c.Pid, syscall.SIGUSR1)
	s.end(c)
	assert.Equal(s, "Z", s.stat(c.Pid).state)
	assert.Equal(s, c.Pid, s.stat(c.Pid).group)
	s.reap(c)
	_, err := s.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Pid))
	assert.ErrorIs(s, err, syscall.ENOENT)
	_, err = s.ReadDir(fmt.Sprintf("/proc/%d", c.Pid))
	assert.ErrorIs(s, err, syscall.ENOENT)
}

func procListsNumbers(s *scene) {
	c := s.ready("print ready; sleep forever")
	entries, err := s.ReadDir("/proc")
	require.NoError(s, err)
	assert.Contains(s, entries, sys.DirEntry{Name: strconv.Itoa(c.Pid), Dir: true})
	assert.Contains(s, entries, sys.DirEntry{Name: strconv.Itoa(s.Pid()), Dir: true})
	assert.Contains(s, entries, sys.DirEntry{Name: "self"}, "a symbolic link")
	assert.Contains(s, entries, sys.DirEntry{Name: "uptime"})
	assert.IsIncreasing(s, sys.EntryNames(entries), "names are sorted as strings")
	entries, err = s.ReadDir(fmt.Sprintf("/proc/%d", c.Pid))
	require.NoError(s, err)
	assert.Contains(s, entries, sys.DirEntry{Name: "fd", Dir: true})
	assert.Contains(s, entries, sys.DirEntry{Name: "stat"})
	assert.Contains(s, entries, sys.DirEntry{Name: "exe"})
}

func procStartTime(s *scene) {
	c := s.ready("print ready; sleep forever")
	first := s.stat(c.Pid).start
	s.pass(2 * tick)
	later := s.ready("print ready; sleep forever")
	assert.Equal(s, first, s.stat(c.Pid).start)
	assert.NotEqual(s, first, s.stat(later.Pid).start)
}

// offspringOf gives the children of a process.
func (s *scene) offspringOf(parent int) (found []process) {
	s.Helper()
	for _, p := range s.processes() {
		if p.parent == parent {
			found = append(found, p)
		}
	}
	return found
}
