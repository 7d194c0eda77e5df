package fakesys

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
)

// byHand makes a machine with a start under way, in a group of its own.
func byHand(t *testing.T) (*Kernel, Hand) {
	t.Helper()
	k := New(Options{Cgroups: &Cgroups{Delegated: "/"}})
	require.NoError(t, k.BecomeSubreaper())
	require.NoError(t, k.Mkdir("/sys/fs/cgroup/a"))
	k.Spawn(sys.SpawnRequest{ID: 1, Path: "/bin/true", Cgroup: "/sys/fs/cgroup/a", Env: []string{"A=1"}})
	return k, k.Hand()
}

func TestByHandAStartGoesAsItIsTold(t *testing.T) {
	k, h := byHand(t)
	assert.Empty(t, k.Spawned(), "nothing happens by itself")
	assert.Error(t, h.Executed(1), "it is not born")
	require.NoError(t, h.Born(1, 42))
	assert.Error(t, h.Born(1, 43), "twice")
	require.NoError(t, h.Executed(1))
	results := k.Spawned()
	require.Len(t, results, 1)
	assert.Equal(t, 42, results[0].Child.Pid)

	child := results[0].Child.Handle
	require.NoError(t, h.LeaveCgroup(42))
	assert.False(t, h.Populated("/sys/fs/cgroup/a"), "a process leaves its group")
	_, ended, err := k.Peek(child)
	require.NoError(t, err)
	assert.False(t, ended, "before it can be waited for")
	require.NoError(t, h.Exit(42, sys.Status{Code: 3}))
	assert.Equal(t, []sys.Handle{child}, k.Exited())
	st, ended, err := k.Reap(child)
	require.NoError(t, err)
	assert.True(t, ended)
	assert.Equal(t, 3, st.Code)
	assert.Error(t, h.Exit(42, st), "nobody ends twice")
}

func TestByHandAFailedStartLeavesNothing(t *testing.T) {
	k, h := byHand(t)
	require.NoError(t, h.Born(1, 42))
	require.NoError(t, h.Fail(1, &sys.SpawnError{Step: sys.StepExec, Err: syscall.ENOENT}))
	results := k.Spawned()
	require.Len(t, results, 1)
	assert.ErrorIs(t, results[0].Err, syscall.ENOENT)
	assert.False(t, h.Populated("/sys/fs/cgroup/a"))
	require.NoError(t, k.Rmdir("/sys/fs/cgroup/a"))
}

func TestByHandWhatCannotHappenIsRefused(t *testing.T) {
	k, h := byHand(t)
	require.NoError(t, h.Born(1, 42))
	require.NoError(t, h.Executed(1))
	k.Spawned()
	assert.Error(t, h.Fork(42, 42), "a number in use")
	assert.Error(t, h.Fork(7, 43), "no parent")
	require.NoError(t, h.Fork(42, 43))
	assert.Error(t, h.Reaped(42), "gosv's own child")
	assert.Error(t, h.ReapedBefore(42), "it was started by gosv")
	require.NoError(t, h.Exit(42, sys.Status{}))
	p, _ := k.Process(43)
	assert.Equal(t, k.Pid(), p.Ppid, "an orphan is adopted")
	assert.Error(t, h.Rmdir("/sys/fs/cgroup/a"), "it holds a process")
	assert.Error(t, h.SetGroup(43, 99, 43), "no such group")
	require.NoError(t, h.Renumber(43, 50))
	assert.Error(t, h.Renumber(50, 42), "a zombie holds the number")
	require.NoError(t, h.ReapedBefore(50))
	assert.False(t, h.Populated("/sys/fs/cgroup/a"))
	require.NoError(t, h.Stray(51, "/sys/fs/cgroup/a", []string{"A=1"}))
	p, _ = k.Process(51)
	assert.Equal(t, "/a", p.Cgroup)
	assert.Equal(t, []string{"A=1"}, p.Env)
}
