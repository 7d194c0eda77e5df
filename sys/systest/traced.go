package systest

import (
	"fmt"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var tracedCases = []testcase{
	{"a traced child that dies has not ended while its tracer lives, and is reported when the tracer lets go", tracedChild},
	{"a second report follows when the tracer lets go", tracedIsToldAgain},
	{"a traced orphan is no zombie while its tracer lives", tracedOrphan},
	{"a start whose traced child cannot execute fails at once", tracedStart},
}

// traced starts a child that is traced by a child of its own.
func (s *scene) traced() (c *child, tracer int) {
	s.Helper()
	c = s.ready("fork {trace 0; print ready; sleep forever}; sleep forever")
	for _, pid := range s.group(c.Pid) {
		if pid != c.Pid {
			return c, pid
		}
	}
	s.Fatal("the tracer is not in the group")
	return nil, 0
}

// dead waits for state Z, which says nothing about who may wait for the process.
func (s *scene) dead(pid int) {
	s.Helper()
	s.await("state Z", func() bool { return s.stat(pid).State == "Z" }, func() any { return s.stat(pid) })
}

func tracedChild(s *scene) {
	c, tracer := s.traced()
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.dead(c.Pid)
	s.pass(aMoment)
	for _, wait := range []func(sys.Handle) (sys.Status, bool, error){s.Peek, s.Reap} {
		_, ended, err := wait(c.Handle)
		require.NoError(s, err)
		assert.False(s, ended, "it is a zombie of its tracer")
	}
	lives, err := s.GroupAlive(c.Handle)
	require.NoError(s, err)
	assert.True(s, lives)
	told := s.ended[c.Handle]

	s.Send(tracer, syscall.SIGKILL)
	s.await("the second notice", func() bool { return s.ended[c.Handle] > told })
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
	s.pass(aMoment)
	assert.Equal(s, told+1, s.ended[c.Handle])
}

// tracedIsToldAgain is tracedChild for who looks only at what is told.
func tracedIsToldAgain(s *scene) {
	c, tracer := s.traced()
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.dead(c.Pid)
	ended := false
	look := func() bool {
		if s.ended[c.Handle] > 0 {
			s.ended[c.Handle] = 0
			var err error
			_, ended, err = s.Reap(c.Handle)
			require.NoError(s, err)
		}
		return ended
	}
	s.pass(aMoment)
	require.False(s, look())
	s.Send(tracer, syscall.SIGKILL)
	s.await("an end that can be waited for", look)
}

func tracedOrphan(s *scene) {
	c := s.ready("fork {fork {trace 0; print ready; sleep forever}; sleep forever}; sleep forever")
	var traced, tracer int
	for _, pid := range s.group(c.Pid) {
		switch parent := s.stat(pid).Parent; {
		case pid == c.Pid:
		case parent == c.Pid:
			traced = pid
		default:
			tracer = pid
		}
	}
	s.Send(traced, syscall.SIGKILL)
	s.dead(traced)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.reap(c)
	s.pass(aMoment)
	assert.Equal(s, sys.Orphans{Exist: true}, s.orphans(), "it is a zombie of its tracer")
	s.Send(tracer, syscall.SIGKILL)
	for seen := map[int]bool{}; len(seen) < 2; {
		pid, _ := s.zombie()
		_, err := s.ReapPid(pid)
		require.NoError(s, err)
		seen[pid] = true
	}
}

// tracedStart has a debugger attach to a child before its exec, which fails. The
// result must not wait until the debugger lets go.
func tracedStart(s *scene) {
	leaf := s.leaf()
	s.write(leaf+"/cgroup.freeze", "1")
	r := s.request("exit 0", in(leaf), func(r *sys.SpawnRequest) { r.Path = s.File(Missing) })
	s.Spawn(r)
	s.await("the child", func() bool { return len(s.members(leaf)) == 1 })
	s.pass(aMoment)
	pid := s.members(leaf)[0]

	const holds = time.Second
	tracer := s.ready(fmt.Sprintf("trace %d; print ready; sleep %v; exit 0", pid, holds))
	since := s.Now()
	s.write(leaf+"/cgroup.freeze", "0")
	s.isFailure(s.result(r.ID), sys.StepExec, r.Path, syscall.ENOENT)
	assert.Less(s, s.Now()-since, holds/2, "the result waited for the tracer")
	s.alive(tracer)

	s.reap(tracer)
	s.await("the end of the child", func() bool { return !s.shown(pid) }, func() any { return s.stat(pid) })
	delete(s.ended, tracer.Handle)
	assert.Empty(s, s.ended, "a child that could not execute is no exit")
}
