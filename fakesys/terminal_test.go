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
	assert.ErrorIs(t, m.StopSelf(), syscall.ENOTTY)
	req := m.request("exit 0")
	req.Foreground = true
	assert.Equal(t, &sys.SpawnError{Step: sys.StepPrepare, Path: "/dev/tty", Err: syscall.ENXIO}, m.result(req).Err)
	assert.Panics(t, func() { m.TypeKey(syscall.SIGINT) })
}

func TestKeysReachForegroundGroup(t *testing.T) {
	m := newMachine(t, fakesys.Options{Terminal: true})
	m.TypeKey(syscall.SIGINT)
	m.TypeKey(syscall.SIGTSTP)
	assert.Equal(t, []syscall.Signal{syscall.SIGINT, syscall.SIGTSTP}, m.Signals())

	req := m.request("print hello; sleep forever")
	req.Inherit, req.Foreground = true, true
	c := m.result(req).Child
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
	require.NoError(t, m.StopSelf())
	assert.Equal(t, before+time.Minute, m.Now())

	require.NoError(t, m.SetForeground(c.Pid))
	require.NoError(t, m.SignalGroup(c.Handle, syscall.SIGCONT))
	m.TypeKey(syscall.SIGINT)
	assert.Equal(t, sys.Status{Signal: syscall.SIGINT}, m.end(c))
	assert.Empty(t, m.Signals(), "gosv was not in the foreground")
	assert.ErrorIs(t, m.SetForeground(c.Pid), syscall.ESRCH)
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
