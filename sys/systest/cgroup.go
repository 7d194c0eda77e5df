package systest

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var cgroupCases = []testcase{
	{"a child starts in the cgroup of the request, and so are its children", bornInCgroup},
	{"a child that moves into its cgroup is there before its program runs", movesIn},
	{"a child without a cgroup starts in gosv's", bornInOurs},
	{"a start in a removed cgroup: ENOENT", startIntoRemoved},
	{"a cgroup with members is not removed: EBUSY", membersAreBusy},
	{"a cgroup with only a zombie can be removed", zombieIsNotBusy},
	{"a process is moved by writing its PID", processIsMoved},
	{"a PID without a process cannot be moved: ESRCH", nobodyIsMoved},
	{"cgroup.kill ends all members, and the watch on cgroup.events fires", killEmpties},
	{"cgroup.freeze holds the members until it is undone", freezeHolds},
	{"cgroup.kill ends frozen members", killFrozen},
	{"a watch that was given up does not fire", unwatched},
	{"an orphan stays in its cgroup", orphanStays},
}

// leaf makes a fresh directory for one incarnation.
func (s *scene) leaf() string {
	s.Helper()
	leaf := s.Cgroup(s.T) + "/leaf"
	require.NoError(s, s.Mkdir(leaf))
	return leaf
}

func in(dir string) func(*sys.SpawnRequest) {
	return func(r *sys.SpawnRequest) { r.Cgroup = dir }
}

func movingInto(dir string) func(*sys.SpawnRequest) {
	return func(r *sys.SpawnRequest) { r.Cgroup, r.MoveIn = dir, true }
}

func (s *scene) write(file, text string) {
	s.Helper()
	require.NoError(s, s.WriteFile(file, []byte(text)), "write %q to %s", text, file)
}

func (s *scene) read(file string) string {
	s.Helper()
	text, err := s.ReadFile(file)
	require.NoError(s, err)
	return string(text)
}

// event waits for a line of cgroup.events.
func (s *scene) event(dir, line string) {
	s.Helper()
	s.await(fmt.Sprintf("%q in cgroup.events", line),
		func() bool { return slices.Contains(strings.Split(s.read(dir+"/cgroup.events"), "\n"), line) },
		func() any { return s.read(dir + "/cgroup.events") })
}

func (s *scene) members(dir string) (pids []int) {
	s.Helper()
	for _, text := range strings.Fields(s.read(dir + "/cgroup.procs")) {
		pids = append(pids, s.number(text))
	}
	return pids
}

func bornInCgroup(s *scene) {
	leaf := s.leaf()
	assert.Empty(s, s.members(leaf))
	s.event(leaf, "populated 0")
	c := s.ready("fork {print ready; sleep forever}; sleep forever", in(leaf))
	assert.ElementsMatch(s, s.group(c.Pid), s.members(leaf))
	assert.Contains(s, s.members(leaf), c.Pid)
	s.event(leaf, "populated 1")
	assert.Equal(s, "leaf", path.Base(s.cgroupOf(c.Pid)))
}

func movesIn(s *scene) {
	leaf := s.leaf()
	c := s.ready("fork {print ready; sleep forever}; sleep forever", movingInto(leaf))
	assert.ElementsMatch(s, s.group(c.Pid), s.members(leaf))
	assert.Equal(s, "leaf", path.Base(s.cgroupOf(c.Pid)))
}

// cgroupOf is the path in /proc/PID/cgroup.
func (s *scene) cgroupOf(pid int) string {
	s.Helper()
	own, found := CgroupOf(s, pid)
	require.True(s, found, "PID %d is in no cgroup v2", pid)
	return own
}

func bornInOurs(s *scene) {
	s.Cgroup(s.T)
	c := s.ready("print ready; sleep forever")
	assert.Equal(s, s.cgroupOf(s.Pid()), s.cgroupOf(c.Pid))
}

func startIntoRemoved(s *scene) {
	leaf := s.leaf()
	require.NoError(s, s.Rmdir(leaf))
	s.fails(s.request("exit 0", in(leaf)), sys.StepCgroup, leaf, syscall.ENOENT)
	s.fails(s.request("exit 0", movingInto(leaf)), sys.StepCgroup, leaf, syscall.ENOENT)
}

func membersAreBusy(s *scene) {
	leaf := s.leaf()
	s.ready("print ready; sleep forever", in(leaf))
	assert.ErrorIs(s, s.Rmdir(leaf), syscall.EBUSY)
}

func zombieIsNotBusy(s *scene) {
	leaf := s.leaf()
	c := s.start("exit 0", in(leaf))
	s.end(c)
	s.event(leaf, "populated 0")
	assert.Empty(s, s.members(leaf))
	assert.NoError(s, s.Rmdir(leaf))
	assert.Equal(s, sys.Status{}, s.reap(c))
}

func processIsMoved(s *scene) {
	leaf := s.leaf()
	c := s.ready("print ready; sleep forever")
	s.write(leaf+"/cgroup.procs", strconv.Itoa(c.Pid))
	assert.Equal(s, []int{c.Pid}, s.members(leaf))
	assert.Equal(s, "leaf", path.Base(s.cgroupOf(c.Pid)))
	s.alive(c)
}

func nobodyIsMoved(s *scene) {
	leaf := s.leaf()
	c := s.start("exit 0")
	s.reap(c)
	assert.ErrorIs(s, s.WriteFile(leaf+"/cgroup.procs", []byte(strconv.Itoa(c.Pid))), syscall.ESRCH)
}

func killEmpties(s *scene) {
	leaf := s.leaf()
	c := s.ready("ignore TERM; fork {setsid; ignore TERM; print ready; sleep forever}; sleep forever", in(leaf))
	watch, err := s.Watch(leaf + "/cgroup.events")
	require.NoError(s, err)
	s.Changed()
	s.write(leaf+"/cgroup.kill", "1")
	s.waitFor(sys.WokeWatch)
	assert.Contains(s, s.Changed(), watch)
	s.event(leaf, "populated 0")
	assert.Empty(s, s.members(leaf))
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
	s.Unwatch(watch)
	s.await("an empty directory", func() bool { return s.Rmdir(leaf) == nil })
}

func freezeHolds(s *scene) {
	leaf := s.leaf()
	c := s.ready("on USR1 {print again}; print ready; sleep forever", in(leaf))
	s.write(leaf+"/cgroup.freeze", "1")
	s.event(leaf, "frozen 1")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.alive(c)
	assert.False(s, c.out.has("again"), "a frozen process ran")
	s.write(leaf+"/cgroup.freeze", "0")
	s.event(leaf, "frozen 0")
	s.line(c, "again")
}

func killFrozen(s *scene) {
	leaf := s.leaf()
	c := s.ready("print ready; sleep forever", in(leaf))
	s.write(leaf+"/cgroup.freeze", "1")
	s.event(leaf, "frozen 1")
	s.write(leaf+"/cgroup.kill", "1")
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
}

func unwatched(s *scene) {
	leaf := s.leaf()
	watch, err := s.Watch(leaf + "/cgroup.events")
	require.NoError(s, err)
	s.Unwatch(watch)
	s.start("sleep forever", in(leaf))
	s.event(leaf, "populated 1")
	s.pass(4 * aMoment) // notices come at most once in 10 ms
	assert.NotContains(s, s.Changed(), watch)
}

func orphanStays(s *scene) {
	leaf := s.leaf()
	c := s.ready("daemon {setsid; print ready; sleep forever}; exit 0", in(leaf))
	s.reap(c)
	assert.Equal(s, []int{s.orphan()}, s.members(leaf))
	s.write(leaf+"/cgroup.kill", "1")
	pid, st := s.zombie()
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, st)
	_, err := s.ReapPid(pid)
	assert.NoError(s, err)
}
