package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

// What a child of Spawn makes by CLONE_PARENT is a child of ours.
var siblingCases = []testcase{
	{"a sibling is a child of gosv, and lives in the group of a dead leader", siblingLives},
	{"a sibling lives in the group of a leader that was reaped", siblingOutlives},
	{"the zombie of a sibling is found among all children, and reaped", siblingZombie},
	{"the zombie of a child of Spawn is found among all children", anyIsSpawned},
	{"without a child of Spawn siblings count as orphans", siblingAlone},
	{"a group of which only the zombie of its leader is left does not live", groupIsDead},
	{"an orphan keeps a group alive until it is a zombie", orphanInGroup},
}

func (s *scene) lives(c *child) bool {
	s.Helper()
	lives, err := s.GroupAlive(c.Handle)
	require.NoError(s, err)
	return lives
}

// sibling starts a child that makes a sibling with this script and then runs its own.
func (s *scene) sibling(script, own string) (c *child, pid int) {
	s.Helper()
	c = s.ready("sibling {" + script + "}; print ready; " + own)
	for _, p := range s.group(c.Pid) {
		if p != c.Pid {
			pid = p
		}
	}
	require.NotZero(s, pid, "the sibling is not in the group")
	assert.Equal(s, s.Pid(), s.stat(pid).Parent)
	return c, pid
}

func siblingLives(s *scene) {
	other := s.ready("print ready; sleep forever")
	c, pid := s.sibling("sleep forever", "sleep forever")
	assert.True(s, s.lives(c))
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.end(c)
	assert.True(s, s.lives(c), "the sibling")
	s.Send(pid, syscall.SIGKILL)
	s.dead(pid)
	s.await("nobody", func() bool { return !s.lives(c) })
	assert.True(s, s.lives(other))
}

func siblingOutlives(s *scene) {
	alone := s.ready("print ready; sleep forever")
	c, pid := s.sibling("sleep forever", "sleep forever")
	for _, of := range []*child{alone, c} {
		require.NoError(s, s.Signal(of.Handle, syscall.SIGKILL))
		s.reap(of)
	}
	assert.False(s, s.lives(alone))
	assert.True(s, s.lives(c), "the sibling")
	s.Send(pid, syscall.SIGKILL)
	s.dead(pid)
	s.await("nobody", func() bool { return !s.lives(c) })
}

func siblingZombie(s *scene) {
	c, pid := s.sibling("on TERM {exit 5}; sleep forever", "sleep forever")
	found, _, err := s.AnyZombie()
	require.NoError(s, err)
	assert.Zero(s, found, "both live")
	s.Send(pid, syscall.SIGTERM)
	for range 3 {
		st := s.zombieAmongAll(pid)
		assert.Equal(s, sys.Status{Code: 5}, st)
	}
	st, err := s.ReapPid(pid)
	require.NoError(s, err)
	assert.Equal(s, sys.Status{Code: 5}, st)
	assert.False(s, s.shown(pid))
	s.alive(c)
}

// zombieAmongAll waits until AnyZombie shows this process.
func (s *scene) zombieAmongAll(pid int) (st sys.Status) {
	s.Helper()
	found := 0
	s.await("the zombie", func() bool {
		var err error
		found, st, err = s.AnyZombie()
		require.NoError(s, err)
		return found == pid
	}, func() any { return found })
	return st
}

func anyIsSpawned(s *scene) {
	c := s.start("exit 7")
	assert.Equal(s, sys.Status{Code: 7}, s.zombieAmongAll(c.Pid))
	assert.Equal(s, sys.Status{Code: 7}, s.reap(c))
	found, _, err := s.AnyZombie()
	require.NoError(s, err)
	assert.Zero(s, found)
}

func siblingAlone(s *scene) {
	c, sibling := s.sibling("sleep forever", "sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.reap(c)
	assert.Equal(s, sys.Orphans{Exist: true}, s.orphans())
	s.Send(sibling, syscall.SIGKILL)
	pid, st := s.zombie()
	assert.Equal(s, sibling, pid)
	assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, st)
	_, err := s.ReapPid(pid)
	require.NoError(s, err)
	noOrphans(s)
}

func groupIsDead(s *scene) {
	c := s.ready("print ready; sleep forever")
	assert.True(s, s.lives(c))
	require.NoError(s, s.Signal(c.Handle, syscall.SIGSTOP))
	s.stops(c.Pid)
	assert.True(s, s.lives(c), "it is stopped")
	_, stopped, err := s.Stopped(c.Handle)
	require.NoError(s, err)
	assert.True(s, stopped, "the look has left the news of it")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.end(c)
	assert.False(s, s.lives(c))
}

func orphanInGroup(s *scene) {
	c := s.ready("daemon {print ready; sleep forever}; exit 0")
	s.end(c)
	assert.True(s, s.lives(c))
	orphan := s.orphan()
	s.Send(orphan, syscall.SIGKILL)
	s.dead(orphan)
	s.await("nobody", func() bool { return !s.lives(c) }) // Z is its first thread, and others may still end
}
