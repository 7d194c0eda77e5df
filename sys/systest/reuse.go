package systest

import (
	"fmt"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var reuseCases = []testcase{
	{"a handle stays bound to its process when the PID is reused", handleOutlivesNumber},
	{"a PID is not reused while it is a process group", numberIsHeldByGroup},
	{"nor while it is a session", numberIsHeldBySession},
}

// again reaps a child and starts others until one has its number. Whoever else
// makes processes on this machine may be faster.
func (s *scene) again(c *child) *child {
	s.Helper()
	s.reap(c)
	for range 50 {
		if err := s.NextPid(c.Pid); err != nil {
			s.Skipf("the next process number cannot be chosen here: %v", err)
		}
		if next := s.ready("print ready; sleep forever"); next.Pid == c.Pid {
			return next
		}
	}
	s.Skip("others on this machine took the number 50 times")
	return nil
}

func handleOutlivesNumber(s *scene) {
	c := s.start("exit 0")
	second, err := s.OpenPid(c.Pid)
	require.NoError(s, err)
	bearer := s.again(c)
	for _, h := range []int32{int32(c.Handle), int32(second)} {
		assert.NotEqual(s, int32(bearer.Handle), h)
	}
	assert.ErrorIs(s, s.Signal(c.Handle, syscall.SIGKILL), syscall.ESRCH)
	assert.ErrorIs(s, s.Signal(second, syscall.SIGKILL), syscall.ESRCH)
	_, _, err = s.Peek(c.Handle)
	assert.ErrorIs(s, err, syscall.ECHILD)
	s.alive(bearer)
	third, err := s.OpenPid(c.Pid)
	require.NoError(s, err)
	require.NoError(s, s.Signal(third, syscall.SIGKILL))
	s.end(bearer)
	s.Close(second)
	s.Close(third)
}

func numberIsHeldByGroup(s *scene) {
	c := s.ready("fork {print ready; sleep forever}; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.reap(c)
	orphan := s.orphan()
	for range 3 {
		if err := s.NextPid(c.Pid); err != nil {
			s.Skipf("the next process number cannot be chosen here: %v", err)
		}
		other := s.ready("print ready; sleep forever")
		assert.NotEqual(s, c.Pid, other.Pid, "process %d is of the group %d", orphan, c.Pid)
	}
	_, err := s.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Pid))
	assert.ErrorIs(s, err, syscall.ENOENT)
	s.Send(orphan, syscall.SIGKILL)
}

func numberIsHeldBySession(s *scene) {
	c, leader, member := s.tied("print ready; sleep forever")
	s.Send(leader, syscall.SIGKILL)
	s.Send(c.Pid, syscall.SIGKILL)
	s.reap(c)
	s.await("the leader of the session to be reaped", func() bool {
		if s.orphans().Zombie == leader {
			_, err := s.ReapPid(leader)
			require.NoError(s, err)
		}
		return !s.shown(leader)
	})
	require.Equal(s, leader, s.stat(member).Session)
	for range 3 {
		if err := s.NextPid(leader); err != nil {
			s.Skipf("the next process number cannot be chosen here: %v", err)
		}
		other := s.ready("print ready; sleep forever")
		assert.NotEqual(s, leader, other.Pid, "process %d is of the session %d", member, leader)
	}
	s.Send(member, syscall.SIGKILL)
}
