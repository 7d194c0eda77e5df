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

func TestLostExitIsFoundByPeekOnly(t *testing.T) {
	m := newMachine(t, fakesys.Options{Faults: &fakesys.Faults{LostExit: 1}})
	c := m.start("sleep 1s; exit 3")
	m.Wait(time.Minute)
	assert.Equal(t, time.Minute, m.Now(), "nothing wakes gosv")
	assert.Empty(t, m.Exited())
	st, ended, err := m.Peek(c.Handle)
	require.NoError(t, err)
	assert.True(t, ended)
	assert.Equal(t, 3, st.Code)
}

func TestLateExitNotice(t *testing.T) {
	m := newMachine(t, fakesys.Options{Faults: &fakesys.Faults{LateExit: 1, LateExitBy: 10 * time.Second}})
	c := m.start("sleep 1s; exit 3")
	assert.Equal(t, sys.WokeChild, m.Wait(time.Minute))
	assert.Equal(t, c.ExecAt+2*time.Second, m.Now())
	assert.Equal(t, []sys.Handle{c.Handle}, m.Exited())
}

func TestLateNoticeComesOnceForEarlyExit(t *testing.T) {
	for seed := range uint64(20) {
		m := newMachine(t, fakesys.Options{Choices: fakesys.FromSeed(seed), Faults: &fakesys.Faults{LateExit: 1, LateExitBy: 10 * time.Second}})
		m.Spawn(m.request("exit 3"))
		told := 0
		for until := time.Minute; m.Now() < until; {
			m.Wait(until)
			m.Spawned()
			told += len(m.Exited())
		}
		assert.Equal(t, 1, told, "seed %d", seed)
	}
}

func TestStarvedGosvWakesLate(t *testing.T) {
	m := newMachine(t, fakesys.Options{Faults: &fakesys.Faults{Starve: 1, StarveBy: 10 * time.Second}})
	assert.Equal(t, sys.WokeDeadline, m.Wait(time.Second))
	assert.Equal(t, 2*time.Second, m.Now())
	m.SetFaults(fakesys.Faults{})
	m.Wait(3 * time.Second)
	assert.Equal(t, 3*time.Second, m.Now())
}

// always makes one choice in one way, and all others 0.
type always struct {
	label string
	value int
}

func (a always) Choose(label string, _ int) int {
	if label == a.label {
		return a.value
	}
	return 0
}

func TestSlowCallTakesEffectAtItsEnd(t *testing.T) {
	m := newMachine(t, fakesys.Options{Choices: always{"how slow", 23}})
	c := m.start("sleep 1s; exit 3")
	m.SetFaults(fakesys.Faults{SlowCall: 1, SlowCallBy: []time.Duration{10 * time.Second}})
	began := m.Now()
	st, ended, err := m.Peek(c.Handle)
	require.NoError(t, err)
	assert.True(t, ended, "it ended during the call")
	assert.Equal(t, 3, st.Code)
	assert.Equal(t, began+10*time.Second, m.Now())
	assert.Equal(t, 10*time.Second, m.InCalls(began))
	assert.Equal(t, 4*time.Second, m.InCalls(began+6*time.Second), "of the time since then")
	m.SetFaults(fakesys.Faults{})
	m.Exited()
	assert.Equal(t, began+10*time.Second, m.Now(), "other calls take no time")
	m.Wait(time.Minute)
	assert.Equal(t, 10*time.Second, m.InCalls(began), "and Wait is none")
	assert.Equal(t, 1, m.Fired()[fakesys.SlowCall])
}

func TestStoppedGosvEndsItsCallAfterCONT(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("sleep 1s; exit 3")
	m.At(m.Now()+5*time.Second, "continue", func() { m.SignalSelf(syscall.SIGCONT) })
	m.SignalSelf(syscall.SIGSTOP)
	began := m.Now()
	assert.Equal(t, []sys.Handle{c.Handle}, m.Exited())
	assert.Equal(t, began+5*time.Second, m.Now())
	assert.Equal(t, 5*time.Second, m.InCalls(began))
}

func TestGosvKilledInSlowCallIsDead(t *testing.T) {
	m := newMachine(t, fakesys.Options{Choices: always{"how slow", 20}, Faults: &fakesys.Faults{SlowCall: 1}})
	m.At(time.Millisecond, "kill", func() { m.SignalSelf(syscall.SIGKILL) })
	assert.PanicsWithError(t, (&fakesys.Crashed{At: time.Millisecond}).Error(), func() { m.Exited() })
}

func TestCallFailsAtItsRate(t *testing.T) {
	m := newMachine(t, fakesys.Options{Choices: fakesys.FromSeed(1), Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{
		Calls: []fakesys.CallFault{{Op: fakesys.OpMkdir, Target: "a", Errnos: []syscall.Errno{syscall.EAGAIN, syscall.EROFS}, Rate: 4}}}})
	seen := map[error]int{}
	for range 1000 {
		err := m.Mkdir(mount + "/a")
		seen[err]++
		if err == nil {
			require.NoError(t, m.Rmdir(mount+"/a"))
		}
		require.NoError(t, m.Mkdir(mount+"/b"), "another name")
		require.NoError(t, m.Rmdir(mount+"/b"))
	}
	assert.InDelta(t, 750, seen[nil], 60)
	assert.InDelta(t, 125, seen[syscall.EAGAIN], 40)
	assert.InDelta(t, 125, seen[syscall.EROFS], 40)
}

func TestHookDecidesAlone(t *testing.T) {
	m := newMachine(t, fakesys.Options{Faults: &fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
		if op == fakesys.OpSpawn && target == fakesys.TestprocPath {
			return syscall.ETXTBSY
		}
		return 0
	}}})
	err := m.result(m.request("exit 0")).Err
	assert.Equal(t, &sys.SpawnError{Step: sys.StepExec, Path: fakesys.TestprocPath, Err: syscall.ETXTBSY}, err)
}

func TestEverySpawnFaultHappens(t *testing.T) {
	m := newMachine(t, fakesys.Options{Choices: fakesys.FromSeed(1), Faults: &fakesys.Faults{Spawn: 1}})
	seen := map[syscall.Errno]bool{}
	for range 100 {
		var e *sys.SpawnError
		require.ErrorAs(t, m.result(m.request("exit 0")).Err, &e)
		seen[e.Err] = true
	}
	assert.Len(t, seen, 8)
	assert.NotContains(t, seen, syscall.EBUSY, "there is no cgroup to be busy")
}

func TestCallFaultsHaveErrnos(t *testing.T) {
	catalogue := fakesys.Calls(3)
	require.NotEmpty(t, catalogue)
	for _, c := range catalogue {
		assert.NotEmpty(t, c.Errnos, "%v %s", c.Op, c.Target)
		assert.Equal(t, 3, c.Rate)
	}
}

func TestProcessOfAnotherUser(t *testing.T) {
	m := newMachine(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
	c := m.start("sleep forever")
	m.ChangeUser(c.Pid)
	assert.ErrorIs(t, m.Signal(c.Handle, syscall.SIGKILL), syscall.EPERM)
	assert.ErrorIs(t, m.SignalGroup(c.Handle, syscall.SIGKILL), syscall.EPERM)
}

func TestFirstThreadMayExitFirst(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("sleep 10s; exit 4")
	m.EndLeader(c.Pid)
	assert.Equal(t, byte('Z'), m.state(c.Pid))
	_, ended, err := m.Peek(c.Handle)
	require.NoError(t, err)
	assert.False(t, ended, "others of its threads live")
	assert.Equal(t, sys.Status{Code: 4}, m.end(c))
}

func TestUninterruptibleProcessOutlivesKILL(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("block forever; exit 4")
	m.pass(time.Second)
	require.NoError(t, m.Signal(c.Handle, syscall.SIGKILL))
	m.pass(time.Hour)
	assert.Equal(t, byte('D'), m.state(c.Pid))
	m.Unblock(c.Pid)
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(c))
}

func TestWallClockStepsAlone(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	before := m.Wall()
	m.At(time.Second, "NTP", func() { m.StepWall(-time.Hour) })
	m.pass(2 * time.Second)
	assert.Equal(t, 2*time.Second, m.Now())
	assert.Equal(t, before.Add(2*time.Second-time.Hour), m.Wall())
}
