package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var frozenCases = []testcase{
	{"a signal whose default action ends a process ends a frozen one at once", defaultActionThaws},
	{"a signal with a handler waits for the thaw", handlerWaitsForThaw},
	{"KILL ends a frozen process, and a stop waits for the thaw", killAndStopFrozen},
	{"an empty cgroup is frozen at once, and so is a directory made in it", emptyIsFrozen},
	{"a cgroup is thawed only if all above it are", thawedWithAllAbove},
	{"a process that is moved out of a frozen cgroup goes on", movedOutGoesOn},
	{"a process that is moved into a frozen cgroup is frozen", movedInIsFrozen},
}

// freeze makes a child in a fresh leaf, and freezes that.
func (s *scene) freeze(script string) (leaf string, c *child) {
	s.Helper()
	leaf = s.leaf()
	c = s.ready(script, in(leaf))
	s.write(leaf+"/cgroup.freeze", "1")
	s.event(leaf, "frozen 1")
	return leaf, c
}

func defaultActionThaws(s *scene) {
	leaf, c := s.freeze("default TERM; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGTERM))
	assert.Equal(s, sys.Status{Signal: syscall.SIGTERM}, s.reap(c))
	s.event(leaf, "populated 0")
	s.event(leaf, "frozen 1")
}

func handlerWaitsForThaw(s *scene) {
	leaf, c := s.freeze("on TERM {print bye; exit 3}; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGTERM))
	s.alive(c)
	assert.False(s, c.out.has("bye"), "a frozen process ran its handler")
	s.write(leaf+"/cgroup.freeze", "0")
	assert.Equal(s, sys.Status{Code: 3}, s.reap(c))
	s.line(c, "bye")
}

func killAndStopFrozen(s *scene) {
	leaf, c := s.freeze("print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGSTOP))
	s.alive(c)
	s.write(leaf+"/cgroup.freeze", "0")
	s.stops(c.Pid)
	s.write(leaf+"/cgroup.freeze", "1")
	s.event(leaf, "frozen 1")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, s.reap(c))
}

func emptyIsFrozen(s *scene) {
	leaf := s.leaf()
	s.write(leaf+"/cgroup.freeze", "1")
	s.event(leaf, "frozen 1")
	require.NoError(s, s.Mkdir(leaf+"/below"))
	assert.Equal(s, "0\n", s.read(leaf+"/below/cgroup.freeze"))
	s.event(leaf+"/below", "frozen 1")
}

func thawedWithAllAbove(s *scene) {
	leaf := s.leaf()
	below := leaf + "/below"
	require.NoError(s, s.Mkdir(below))
	s.write(leaf+"/cgroup.freeze", "1")
	s.write(below+"/cgroup.freeze", "1")
	s.write(leaf+"/cgroup.freeze", "0")
	s.event(leaf, "frozen 0")
	s.event(below, "frozen 1")
	s.write(below+"/cgroup.freeze", "0")
	s.event(below, "frozen 0")
}

func movedOutGoesOn(s *scene) {
	leaf, c := s.freeze("on USR1 {print again}; print ready; sleep forever")
	other := leaf + "-other"
	require.NoError(s, s.Mkdir(other))
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.move(c.Pid, other)
	s.line(c, "again")
	s.event(other, "frozen 0")
}

func movedInIsFrozen(s *scene) {
	leaf := s.leaf()
	s.write(leaf+"/cgroup.freeze", "1")
	c := s.ready("on USR1 {print again}; print ready; sleep forever")
	s.move(c.Pid, leaf)
	s.event(leaf, "frozen 1")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.alive(c)
	assert.False(s, c.out.has("again"), "a frozen process ran")
}
