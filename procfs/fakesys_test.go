package procfs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// The fake renders /proc by code of its own, so that this holds the two to the
// same idea of the format.
func TestOnTheFakeKernel(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	require.NoError(t, k.BecomeSubreaper())
	k.Spawn(sys.SpawnRequest{ID: 1, Path: fakesys.TestprocPath, Env: []string{"GOSV_INVOCATION=aa"},
		Args: []string{"testproc", "daemon {setsid; sleep forever}; fork {sleep forever}; exit 0"}})
	var results []sys.SpawnResult
	for range 100 {
		k.Wait(k.Now() + time.Second)
		results = append(results, k.Spawned()...)
		if len(results) == 1 && len(k.Exited()) == 1 {
			break
		}
	}
	require.Len(t, results, 1)
	require.NoError(t, results[0].Err)
	main := results[0].Child.Pid
	k.Wait(k.Now() + time.Second)

	require.NoError(t, CheckSelf(k, k.Pid()))
	found, err := Find(k, Query{Self: k.Pid(), Groups: map[int]bool{main: true}, Invocations: map[string]bool{"aa": true}})
	require.NoError(t, err)
	require.Len(t, found, 2, "the one that stayed and the one that left; the leader is a zombie")
	for _, member := range found {
		assert.NotEqual(t, main, member.Pid)
		assert.Equal(t, k.Pid(), member.Ppid)
		assert.Equal(t, member.Pgrp == main, member.Invocation == "", "by its group, or by its environment")
		report, err := Inspect(k, member.Pid, member.StartTime, Options{Maps: true})
		require.NoError(t, err)
		assert.Empty(t, report.Missing)
		assert.NotEmpty(t, report.Maps)
		require.NotNil(t, report.Memory.Exact)
		assert.Equal(t, report.Memory.VM.RSS, report.Memory.Exact.RSS)
	}

	zombie, err := ReadStat(k, main)
	require.NoError(t, err)
	assert.False(t, zombie.Alive())
	_, err = ReadEnviron(k, main)
	assert.ErrorIs(t, err, ErrGone)
	_, err = Inspect(k, main, zombie.StartTime, Options{})
	require.NoError(t, err)
	_, err = Inspect(k, main, zombie.StartTime+1, Options{})
	assert.ErrorIs(t, err, ErrGone)
	_, err = ReadMountInfo(k, k.Pid())
	require.NoError(t, err)
}
