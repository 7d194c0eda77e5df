package live

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const ms = time.Millisecond

// What is there at two looks in a row was there in between; what is gone at the
// second one took no longer than to it.
func TestTheTimeOfTheDyingIsAddedUp(t *testing.T) {
	d := newDying()
	for at, there := range []bool{false, true, true, false, false, true, false} {
		d.look("web", there, time.Duration(at)*10*ms)
	}
	d.look("db", true, 0)
	assert.Equal(t, 30*ms, d.sum["web"])
	assert.Zero(t, d.sum["db"])
	d.forget("web")
	assert.Zero(t, d.sum["web"])
}

// A directory with a list stands for a cgroup.
func TestNobodyDiesInACgroupOfTheLiving(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(fmt.Sprintf("%d\n%d\n", os.Getpid(), 1<<30)), 0o600))
	assert.False(t, anyDying(dir))
	assert.False(t, anyDying("/nonexistent"))
}

func TestASpanIsWhatWasSoAtTwoLooks(t *testing.T) {
	var s span
	for at, is := range []bool{false, true, true, true, false, true, false} {
		s.look(is, time.Duration(at)*10*ms)
	}
	assert.Equal(t, 20*ms, s.sum)
	assert.False(t, inSystemCall(1<<30))
}

func TestASignalIsFoundInTheMasksThatAreAskedFor(t *testing.T) {
	const status = "Name:\tsh\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000100\nSigBlk:\t0000000000004000\n"
	assert.True(t, inMask(status, unix.SIGKILL, "SigPnd", "ShdPnd"))
	assert.False(t, inMask(status, unix.SIGKILL, "SigPnd", "SigBlk"))
	assert.True(t, inMask(status, unix.SIGTERM, "SigBlk"))
	assert.False(t, inMask("ShdPnd:\tnonsense\n", unix.SIGKILL, "ShdPnd"))
}

// A process that lives is not dying, nor is one whose first thread has ended; who is
// gone is forgotten.
func TestTheLivingAreNotDying(t *testing.T) {
	for _, script := range []string{"print ready; sleep forever", "print ready; end-leader; sleep forever"} {
		cmd := start(t, "run", "web", script)
		k := newProcessTracker("run")
		s, ok := readStat(cmd.Process.Pid)
		require.True(t, ok)
		k.known[s.Pid] = trackedProcess{s.StartTime, "web"}
		assert.False(t, k.leaves("web"), script)
		assert.Len(t, k.known, 1, script)
		assert.Less(t, birth(s.Pid), time.Minute)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		assert.False(t, k.leaves("web"), script)
		assert.Empty(t, k.known, script)
	}
	assert.Zero(t, birth(1<<30))
}
