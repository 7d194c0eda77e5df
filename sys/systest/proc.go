package systest

import (
	"fmt"
	"strconv"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var procCases = []testcase{
	{"/proc shows a child, then its zombie, then nothing", procShowsLife},
	{"/proc lists processes by PID", procListsNumbers},
	{"the start time in /proc distinguishes two processes", procStartTime},
}

// tick is the unit of start times (sysconf(_SC_CLK_TCK) is 100 wherever Linux runs).
const tick = 10 * time.Millisecond

// stat reads a process that must be there.
func (s *scene) stat(pid int) ProcStat {
	s.Helper()
	st, found := ReadStat(s, pid)
	require.True(s, found, "/proc does not show PID %d", pid)
	return st
}

// shown reports whether /proc shows a process.
func (s *scene) shown(pid int) bool {
	_, found := ReadStat(s, pid)
	return found
}

func (s *scene) number(text string) int {
	s.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(s, err)
	return n
}

// processes reads all that /proc lists.
func (s *scene) processes() (found []ProcStat) {
	s.Helper()
	pids, err := PIDs(s)
	require.NoError(s, err)
	for _, pid := range pids {
		if st, ok := ReadStat(s, pid); ok {
			found = append(found, st)
		}
	}
	return found
}

// group gives the numbers of the members of a process group, zombies included.
func (s *scene) group(pgid int) (pids []int) {
	s.Helper()
	for _, p := range s.processes() {
		if p.Group == pgid {
			pids = append(pids, p.PID)
		}
	}
	return pids
}

func procShowsLife(s *scene) {
	c := s.ready("on USR1 {exit 0}; print ready; sleep forever")
	assert.Contains(s, "RS", s.stat(c.Pid).State)
	s.Send(c.Pid, syscall.SIGUSR1)
	s.end(c)
	assert.Equal(s, "Z", s.stat(c.Pid).State)
	assert.Equal(s, c.Pid, s.stat(c.Pid).Group)
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
	first := s.stat(c.Pid).Start
	s.pass(2 * tick)
	later := s.ready("print ready; sleep forever")
	assert.Equal(s, first, s.stat(c.Pid).Start)
	assert.NotEqual(s, first, s.stat(later.Pid).Start)
}

// offspringOf gives the children of a process.
func (s *scene) offspringOf(parent int) (found []ProcStat) {
	s.Helper()
	for _, p := range s.processes() {
		if p.Parent == parent {
			found = append(found, p)
		}
	}
	return found
}
