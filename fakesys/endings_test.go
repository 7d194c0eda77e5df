package fakesys_test

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// panicOf is the error that f panics with.
func panicOf(t *testing.T, f func()) (err error) {
	t.Helper()
	defer func() {
		err, _ = recover().(error)
		require.Error(t, err)
	}()
	f()
	return nil
}

func TestTheHorizonEndsARun(t *testing.T) {
	m := newMachine(t, fakesys.Options{Horizon: time.Minute})
	m.start("loop {sleep 7s}")
	err := panicOf(t, func() { m.Wait(sys.Never) })
	var h *fakesys.HorizonReached
	require.ErrorAs(t, err, &h)
	assert.Equal(t, time.Minute, h.At)
	assert.Equal(t, time.Minute, m.Now())
}

func TestDeadlockListsProcesses(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("sleep forever")
	err := panicOf(t, func() { m.Wait(sys.Never) })
	var d *fakesys.Deadlock
	require.ErrorAs(t, err, &d)
	assert.Equal(t, c.Pid, d.Processes[2].Pid)
	assert.Contains(t, err.Error(), fakesys.TestprocPath)
}

func TestLivelockPanics(t *testing.T) {
	m := newMachine(t, fakesys.Options{Patience: 1000})
	err := panicOf(t, func() {
		for {
			m.Wait(m.Now())
		}
	})
	var l *fakesys.Livelock
	assert.ErrorAs(t, err, &l)
}

func TestLoopWithoutSleepDoesNotStopTime(t *testing.T) {
	m := newMachine(t, fakesys.Options{Patience: 1000})
	m.start("loop {ignore HUP}")
	m.pass(time.Second)
	assert.GreaterOrEqual(t, m.Now(), time.Second)
}

func TestWorldContinuesAfterCrash(t *testing.T) {
	m := newMachine(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
	out := endless()
	req := m.request("print a; sleep 10s; print b; exit 0")
	req.Stdout = out
	writer := m.result(req).Child
	quiet := m.start("sleep forever")
	hung := m.request("sleep forever")
	m.Spawn(hung)

	m.At(m.Now()+time.Second, "kill -9", func() { m.SignalSelf(syscall.SIGKILL) })
	var crashed *fakesys.Crashed
	err := panicOf(t, func() { m.Wait(sys.Never); m.Spawned(); m.Wait(sys.Never); m.Wait(sys.Never) })
	require.True(t, errors.As(err, &crashed), "%v", err)
	assert.ErrorAs(t, panicOf(t, func() { m.Signals() }), &crashed)

	k := m.Crash()
	assert.NotEqual(t, m.Pid(), k.Pid())
	p, _ := k.Process(quiet.Pid)
	assert.Equal(t, 1, p.Ppid)
	h, err := k.OpenPid(quiet.Pid)
	require.NoError(t, err)
	_, _, err = k.Peek(h)
	assert.ErrorIs(t, err, syscall.ECHILD)
	require.NoError(t, k.Signal(h, syscall.SIGKILL))
	for k.Now() < 15*time.Second {
		k.Wait(15 * time.Second)
	}
	_, there := k.Process(writer.Pid)
	assert.False(t, there, "nobody reads what it writes")
	assert.Equal(t, "a\n", out.text.String())
	assert.ErrorIs(t, k.Signal(h, syscall.SIGKILL), syscall.ESRCH)
	alive := 0
	for _, p := range k.Processes() {
		if p.Spawn == hung.ID {
			alive++
		}
	}
	assert.Equal(t, 1, alive, "a start under way goes on without gosv")
}

func TestGosvCanCrashInEveryCall(t *testing.T) {
	for at := range 60 {
		m := newMachine(t, fakesys.Options{})
		m.OnStep(func() {
			if m.Steps() == at+1 {
				m.SignalSelf(syscall.SIGKILL)
			}
		})
		var crashed *fakesys.Crashed
		err := panicOf(t, func() {
			for {
				m.end(m.start("fork {sleep 1s}; exit 0"))
			}
		})
		require.True(t, errors.As(err, &crashed), "at step %d: %v", at, err)
		k := m.Crash()
		for k.Now() < 10*time.Second {
			k.Wait(10 * time.Second)
		}
		assert.Len(t, k.Processes(), 2, "init and the new gosv, after step %d", at)
	}
}
