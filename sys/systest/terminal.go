package systest

import (
	"syscall"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

var terminalCases = []testcase{
	{"without a terminal there is no job control: ENOTTY", noTerminal},
	{"Stopped reports each stop once", stopsAreToldOnce},
	{"TSTP, TTIN and TTOU do not stop a child that leads a session", keysDoNotStopASession},
	{"Stopped of a child that was reaped: ECHILD", stoppedAfterReap},
}

// hasNone skips the case where the machine has a terminal.
func (s *scene) hasNone() {
	s.Helper()
	if _, _, err := s.Foreground(); err == nil {
		s.Skip("the test has a terminal; try it with `setsid go test </dev/null`")
	}
}

func noTerminal(s *scene) {
	s.hasNone()
	_, _, err := s.Foreground()
	assert.ErrorIs(s, err, syscall.ENOTTY)
	assert.ErrorIs(s, s.SetForeground(0), syscall.ENOTTY)
	_, err = s.Modes()
	assert.ErrorIs(s, err, syscall.ENOTTY)
	assert.ErrorIs(s, s.SetModes(syscall.Termios{}), syscall.ENOTTY)
	_, err = s.StopSelf()
	assert.ErrorIs(s, err, syscall.ENOTTY)
}

// The kernel stops no process whose group has no parent in its session, except by STOP.
func keysDoNotStopASession(s *scene) {
	c := s.ready("on USR1 {print again}; print ready; sleep forever", with(sys.Attributes{Setsid: true}))
	for _, sig := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGUSR1} {
		require.NoError(s, s.Signal(c.Handle, sig))
	}
	s.line(c, "again")
	_, stopped, err := s.Stopped(c.Handle)
	require.NoError(s, err)
	assert.False(s, stopped)
}

func stopsAreToldOnce(s *scene) {
	c := s.ready("on USR1 {stop; print again}; print ready; sleep forever")
	_, stopped, err := s.Stopped(c.Handle)
	require.NoError(s, err)
	assert.False(s, stopped)
	require.NoError(s, s.Signal(c.Handle, syscall.SIGUSR1))
	s.await("the stop", func() bool {
		var sig syscall.Signal
		sig, stopped, err = s.Stopped(c.Handle)
		require.NoError(s, err)
		return stopped && assert.Equal(s, syscall.SIGSTOP, sig)
	})
	_, stopped, err = s.Stopped(c.Handle)
	require.NoError(s, err)
	assert.False(s, stopped, "it was told before")
	require.NoError(s, s.Signal(c.Handle, syscall.SIGCONT))
	s.line(c, "again")
	_, stopped, err = s.Stopped(c.Handle)
	require.NoError(s, err)
	assert.False(s, stopped)
}

func stoppedAfterReap(s *scene) {
	c := s.start("exit 0")
	s.reap(c)
	_, _, err := s.Stopped(c.Handle)
	assert.ErrorIs(s, err, syscall.ECHILD)
}
