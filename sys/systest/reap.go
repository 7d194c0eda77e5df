package systest

import (
	"fmt"
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
)

var reapCases = []testcase{
	{"an exit code comes back", exitCodes},
	{"a fatal signal comes back", fatalSignals},
	{"a script that comes to its end exits with 0", endOfScript},
	{"Peek of a living child says that it has not ended", peekAlive},
	{"Peek leaves the zombie, Reap takes it, and then it is ECHILD", peekThenReap},
	{"Exited reports each child once", exitedOnce},
	{"many children that end together are all reported", manyExits},
	{"a stop and a continue are no exit", stopIsNoExit},
	{"Stopped of a zombie: ECHILD", stoppedZombie},
	{"Reap of a process that is no child: ECHILD", reapStranger},
	{"a handle that was never given or is closed panics", badHandles},
}

func exitCodes(s *scene) {
	for _, code := range []int{0, 1, 2, 77, 126, 127, 128, 200, 255} {
		st := s.reap(s.start(fmt.Sprintf("exit %d", code)))
		assert.Equal(s, sys.Status{Code: code}, st)
		assert.Equal(s, code == 0, st.Success())
	}
}

func fatalSignals(s *scene) {
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGKILL,
		syscall.SIGSEGV, syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGUSR1} {
		st := s.reap(s.start("die " + signame.Name(sig)))
		assert.Equal(s, sig, st.Signal)
		assert.Zero(s, st.Code)
		assert.False(s, st.Success())
	}
}

func endOfScript(s *scene) {
	assert.True(s, s.reap(s.start("print done")).Success())
}

func peekAlive(s *scene) {
	c := s.ready("print ready; sleep forever")
	s.alive(c)
	_, ended, err := s.Reap(c.Handle)
	assert.NoError(s, err)
	assert.False(s, ended)
}

func peekThenReap(s *scene) {
	c := s.start("exit 7")
	for range 3 {
		assert.Equal(s, sys.Status{Code: 7}, s.end(c))
	}
	assert.Equal(s, sys.Status{Code: 7}, s.reap(c))
	_, _, err := s.Reap(c.Handle)
	assert.ErrorIs(s, err, syscall.ECHILD)
	_, _, err = s.Peek(c.Handle)
	assert.ErrorIs(s, err, syscall.ECHILD)
}

func exitedOnce(s *scene) {
	c := s.start("exit 0")
	s.await("the exit", func() bool { return s.ended[c.Handle] > 0 })
	s.pass(aMoment)
	s.reap(c)
	s.pass(aMoment)
	assert.Equal(s, 1, s.ended[c.Handle])
}

func manyExits(s *scene) {
	const many = 20
	var all []*child
	for range many {
		all = append(all, s.ready("print ready; sleep forever"))
	}
	for _, c := range all {
		require.NoError(s, s.Signal(c.Handle, syscall.SIGTERM))
	}
	s.await("all exits", func() bool { return len(s.ended) == many }, func() any { return s.ended })
	for _, c := range all {
		assert.Equal(s, sys.Status{Signal: syscall.SIGTERM}, s.reap(c))
	}
	s.pass(aMoment)
	for _, c := range all {
		assert.Equal(s, 1, s.ended[c.Handle])
	}
}

func stopIsNoExit(s *scene) {
	c := s.ready("on USR1 {print again}; print ready; sleep forever")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGSTOP))
	s.stops(c.Pid)
	s.alive(c)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.alive(c)
	assert.False(s, c.out.has("again"), "a stopped process ran")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGCONT))
	s.line(c, "again")
	s.alive(c)
}

func stoppedZombie(s *scene) {
	c := s.start("exit 0")
	s.end(c)
	_, stopped, err := s.Stopped(c.Handle)
	assert.ErrorIs(s, err, syscall.ECHILD)
	assert.False(s, stopped)
	s.reap(c)
}

func reapStranger(s *scene) {
	c := s.ready("fork {print ready; sleep forever}; sleep forever")
	for _, pid := range s.group(c.Pid) {
		if pid == c.Pid {
			continue
		}
		h, err := s.OpenPid(pid)
		require.NoError(s, err)
		_, _, err = s.Reap(h)
		assert.ErrorIs(s, err, syscall.ECHILD)
		_, _, err = s.Peek(h)
		assert.ErrorIs(s, err, syscall.ECHILD)
		s.Close(h)
		return
	}
	s.Error("the fork is not in the group")
}

func badHandles(s *scene) {
	h, err := s.OpenPid(s.Pid())
	require.NoError(s, err)
	s.Close(h)
	for _, bad := range []sys.Handle{0, h} {
		assert.Panics(s, func() { _, _, _ = s.Peek(bad) })
		assert.Panics(s, func() { _, _, _ = s.Reap(bad) })
		assert.Panics(s, func() { _ = s.Signal(bad, syscall.SIGCONT) })
		assert.Panics(s, func() { _ = s.SignalGroup(bad, syscall.SIGCONT) })
		assert.Panics(s, func() { s.Close(bad) })
	}
}
