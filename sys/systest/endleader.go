package systest

import (
	"fmt"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var endLeaderCases = []testcase{
	{"a process whose first thread ended is Z and has not ended", endLeaderLives},
	{"it stays a member of its cgroup, which is busy", endLeaderIsMember},
	{"cgroup.kill does not end it, a signal does", endLeaderSurvivesCgroupKill},
	{"an orphan whose first thread ended cannot be waited for", endLeaderOrphan},
}

func endLeaderLives(s *scene) {
	c := s.ready("on USR1 {print alive}; end-leader; print ready; sleep forever")
	assert.Equal(s, "Z", s.stat(c.Pid).State)
	s.alive(c)
	_, ended, err := s.Reap(c.Handle)
	require.NoError(s, err)
	assert.False(s, ended)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.line(c, "alive")
	assert.Empty(s, s.proc(c.Pid, "cmdline"), "its memory went with the thread, for who looks at /proc")
	assert.NotContains(s, s.proc(c.Pid, "status"), "\nUmask:")
	assert.Contains(s, s.proc(c.Pid, "status"), "\nFDSize:\t0\n")
	h, err := s.OpenPid(c.Pid)
	require.NoError(s, err)
	require.NoError(s, s.Signal(h, syscall.SIGKILL))
	s.Close(h)
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
}

func endLeaderIsMember(s *scene) {
	leaf := s.leaf()
	c := s.ready("end-leader; print ready; sleep forever", in(leaf))
	assert.Equal(s, []int{c.Pid}, s.members(leaf))
	s.event(leaf, "populated 1")
	assert.ErrorIs(s, s.Rmdir(leaf), syscall.EBUSY)
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGKILL))
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
	s.event(leaf, "populated 0")
}

// endLeaderSurvivesCgroupKill: the kernel sends KILL to the first thread, which is
// dead, and not to the process (__cgroup_kill of kernel/cgroup/cgroup.c calls
// send_sig, where kill(2) and pidfds signal the whole).
func endLeaderSurvivesCgroupKill(s *scene) {
	leaf := s.leaf()
	c := s.ready("end-leader; fork {print ready; sleep forever}; sleep forever", in(leaf))
	s.write(leaf+"/cgroup.kill", "1")
	s.await("the end of the fork", func() bool { return len(s.members(leaf)) == 1 }, func() any { return s.members(leaf) })
	s.alive(c)
	assert.Equal(s, []int{c.Pid}, s.members(leaf))
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
}

func endLeaderOrphan(s *scene) {
	c := s.ready("daemon {end-leader; print ready; sleep forever}; exit 0")
	s.reap(c)
	orphan := s.orphan()
	assert.Equal(s, "Z", s.stat(orphan).State)
	assert.Equal(s, sys.Orphans{Exist: true}, s.orphans(), "its other threads live")
	env, err := s.ReadFile(fmt.Sprintf("/proc/%d/environ", orphan))
	assert.Empty(s, env)
	if err != nil { // on Linux 6.1 the file is empty
		assert.ErrorIs(s, err, syscall.ESRCH)
	}
	s.Send(orphan, syscall.SIGKILL)
	pid, _ := s.zombie()
	assert.Equal(s, orphan, pid)
}
