package fakesys_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

func TestWithoutATerminal(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	_, _, err := m.Foreground()
	assert.ErrorIs(t, err, syscall.ENOTTY)
	assert.ErrorIs(t, m.SetForeground(0), syscall.ENOTTY)
	_, err = m.StopSelf()
	assert.ErrorIs(t, err, syscall.ENOTTY)
	assert.Panics(t, func() { m.TypeKey(syscall.SIGINT) })
}

func TestKeysReachForegroundGroup(t *testing.T) {
	m := newMachine(t, fakesys.Options{Terminal: true})
	m.TypeKey(syscall.SIGINT)
	m.TypeKey(syscall.SIGTSTP)
	assert.Equal(t, []syscall.Signal{syscall.SIGINT, syscall.SIGTSTP}, m.Signals())

	req := m.request("print hello; sleep forever")
	req.Inherit = true
	c := m.result(req).Child
	require.NoError(t, m.SetForeground(c.Pid))
	pgid, own, err := m.Foreground()
	require.NoError(t, err)
	assert.Equal(t, c.Pid, pgid)
	assert.False(t, own)
	m.pass(time.Second)
	assert.Equal(t, "hello\n", m.Console())

	m.TypeKey(syscall.SIGTSTP)
	require.Equal(t, sys.WokeChild, m.Wait(sys.Never))
	sig, stopped, err := m.Stopped(c.Handle)
	require.NoError(t, err)
	assert.True(t, stopped)
	assert.Equal(t, syscall.SIGTSTP, sig)
	_, stopped, _ = m.Stopped(c.Handle)
	assert.False(t, stopped, "each stop is told once")

	require.NoError(t, m.SetForeground(0))
	m.At(m.Now()+time.Minute, "fg", func() { m.SignalSelf(syscall.SIGCONT) })
	before := m.Now()
	stopped, err = m.StopSelf()
	require.NoError(t, err)
	assert.True(t, stopped)
	assert.Equal(t, before+time.Minute, m.Now())

	require.NoError(t, m.SetForeground(c.Pid))
	require.NoError(t, m.SignalGroup(c.Handle, syscall.SIGCONT))
	m.TypeKey(syscall.SIGINT)
	assert.Equal(t, sys.Status{Signal: syscall.SIGINT}, m.end(c))
	assert.Empty(t, m.Signals(), "gosv was not in the foreground")
	assert.ErrorIs(t, m.SetForeground(c.Pid), syscall.ESRCH)
}

func TestTerminalAnswersEIOAfterAHangUp(t *testing.T) {
	m := newMachine(t, fakesys.Options{Terminal: true})
	modes, err := m.Modes()
	require.NoError(t, err)
	modes.Lflag &^= syscall.ECHO
	require.NoError(t, m.SetModes(modes))
	assert.Equal(t, modes, m.TerminalModes())
	m.HangUp()
	_, _, err = m.Foreground()
	assert.ErrorIs(t, err, syscall.EIO)
	_, err = m.Modes()
	assert.ErrorIs(t, err, syscall.EIO)
	assert.ErrorIs(t, m.SetModes(modes), syscall.EIO)
}

func TestStopSelfOfAnOrphanedGroupStopsNothing(t *testing.T) {
	m := newMachine(t, fakesys.Options{Terminal: true, NoShell: true})
	stopped, err := m.StopSelf()
	require.NoError(t, err)
	assert.False(t, stopped)
}

func TestStoppedGosvRunsNothingUntilCONT(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	m.At(time.Second, "kill -STOP", func() { m.SignalSelf(syscall.SIGSTOP) })
	m.At(2*time.Second, "kill -TERM", func() { m.SignalSelf(syscall.SIGTERM) })
	m.At(5*time.Second, "kill -CONT", func() { m.SignalSelf(syscall.SIGCONT) })
	assert.Equal(t, sys.WokeSignal|sys.WokeDeadline, m.Wait(3*time.Second))
	assert.Equal(t, 5*time.Second, m.Now())
	assert.Equal(t, []syscall.Signal{syscall.SIGTERM}, m.Signals())
}
