package systest

import (
	"strings"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var orphanCases = []testcase{
	{"a world without children has no orphan", noOrphans},
	{"a daemon is adopted, found when it ended, and reaped", daemonIsAdopted},
	{"the children of a child that dies are adopted", childrenAreAdopted},
	{"many orphans are found one after the other", manyOrphans},
	{"ReapPid of a process that is no child: ECHILD", reapNobody},
	{"a group that loses its tie to its session gets HUP and CONT if one in it is stopped", orphanedWhileStopped},
	{"and nothing if none is", orphanedWhileRunning},
	{"and so if the member whose parent was the tie ends", orphanedByItsLeader},
}

func noOrphans(s *scene) {
	assert.Zero(s, s.orphans())
}

func (s *scene) orphans() sys.Orphans {
	s.Helper()
	orphans, err := s.Orphans()
	require.NoError(s, err)
	return orphans
}

// orphan finds the one child of gosv that is none of Spawn's.
func (s *scene) orphan() (pid int) {
	s.Helper()
	s.await("an adopted child", func() bool {
		for _, p := range s.offspringOf(s.Pid()) {
			if !s.isOurs(p.PID) {
				pid = p.PID
			}
		}
		return pid != 0
	})
	return pid
}

func (s *scene) isOurs(pid int) bool {
	for _, c := range s.children {
		if c.Pid == pid {
			return true
		}
	}
	return false
}

// zombie waits until Orphans reports one.
func (s *scene) zombie() (pid int, st sys.Status) {
	s.Helper()
	s.await("the zombie of an orphan", func() bool {
		orphans := s.orphans()
		require.True(s, orphans.Exist, "Orphans reports that there is none")
		pid, st = orphans.Zombie, orphans.Status
		return pid != 0
	})
	return pid, st
}

func daemonIsAdopted(s *scene) {
	c := s.ready("daemon {on TERM {exit 5}; print ready; sleep forever}; exit 0")
	s.reap(c)
	orphan := s.orphan()
	assert.Equal(s, sys.Orphans{Exist: true}, s.orphans(), "it lives")

	s.Send(orphan, syscall.SIGTERM)
	for range 3 { // Peek leaves it
		pid, st := s.zombie()
		assert.Equal(s, orphan, pid)
		assert.Equal(s, sys.Status{Code: 5}, st)
	}
	st, err := s.ReapPid(orphan)
	require.NoError(s, err)
	assert.Equal(s, sys.Status{Code: 5}, st)
	_, err = s.ReapPid(orphan)
	assert.ErrorIs(s, err, syscall.ECHILD)
	noOrphans(s)
	assert.False(s, s.shown(orphan))
	assert.Len(s, s.ended, 1, "Exited reported an orphan")
}

func childrenAreAdopted(s *scene) {
	c := s.ready("fork {sleep forever}; fork {sleep forever}; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGKILL))
	s.end(c)
	adopted := 0
	for _, pid := range s.group(c.Pid) {
		if pid != c.Pid {
			assert.Equal(s, s.Pid(), s.stat(pid).Parent)
			adopted++
		}
	}
	assert.Equal(s, 2, adopted)
}

func manyOrphans(s *scene) {
	const many = 10
	c := s.ready(strings.Repeat("daemon {sleep forever}; ", many) + "print ready; sleep forever")
	require.NoError(s, s.SignalGroup(c.Handle, syscall.SIGKILL))
	s.reap(c)
	seen := map[int]bool{}
	for range many {
		pid, st := s.zombie()
		assert.Equal(s, sys.Status{Signal: syscall.SIGKILL}, st)
		_, err := s.ReapPid(pid)
		require.NoError(s, err)
		seen[pid] = true
	}
	assert.Len(s, seen, many)
	noOrphans(s)
}

func reapNobody(s *scene) {
	_, err := s.ReapPid(s.Pid())
	assert.ErrorIs(s, err, syscall.ECHILD)
}

// tied starts a group in a session that has another group, of the parent of the first,
// and gives that parent, which is the tie, and who is in the group.
func (s *scene) tied(member string) (c *child, parent, first int) {
	s.Helper()
	c = s.ready("fork {setsid; fork {setpgid; " + member + "}; sleep forever}; sleep forever")
	parent = s.offspring(c.Pid)
	return c, parent, s.offspring(parent)
}

func (s *scene) stops(pid int) {
	s.Helper()
	s.await("a stop", func() bool { return s.AllStopped(pid) && s.stat(pid).State == "T" })
}

func orphanedWhileStopped(s *scene) {
	_, parent, member := s.tied("on HUP {print hup; exit 7}; print ready; stop; sleep forever")
	s.stops(member)
	s.Send(parent, syscall.SIGKILL)
	assert.Equal(s, member, s.orphan())
	pid, st := s.zombie()
	assert.Equal(s, member, pid)
	assert.Equal(s, sys.Status{Code: 7}, st, "HUP came, and CONT let it act on it")
}

func orphanedWhileRunning(s *scene) {
	_, parent, member := s.tied("print ready; sleep forever")
	s.Send(parent, syscall.SIGKILL)
	assert.Equal(s, member, s.orphan())
	s.pass(aMoment)
	assert.NotEqual(s, "Z", s.stat(member).State)
	s.Send(member, syscall.SIGKILL)
}

func orphanedByItsLeader(s *scene) {
	c, parent, member := s.tied("fork {print ready; stop; sleep forever}; sleep forever")
	stopped := s.offspring(member)
	s.stops(stopped)
	s.Send(member, syscall.SIGKILL)
	assert.Equal(s, stopped, s.orphan())
	pid, st := s.zombie()
	assert.Equal(s, stopped, pid)
	assert.Equal(s, sys.Status{Signal: syscall.SIGHUP}, st)
	s.alive(c)
	s.Send(parent, syscall.SIGKILL)
}
