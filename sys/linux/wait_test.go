package linux_test

import (
	"math"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

func TestAWaitNeverEndsBeforeItsDeadline(t *testing.T) {
	for d, want := range map[time.Duration]int{
		-1: 0, 0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2,
		(math.MaxInt32 + 1) * time.Millisecond: -1, sys.Never: -1,
	} {
		assert.Equal(t, want, linux.Milliseconds(d), "%v", d)
	}
}

func TestAnIdleKernelSleepsUntilTheDeadline(t *testing.T) {
	k := newKernel(t)
	c := shell(t, k, "sleep 4321", &buffer{})
	for k.Wait(k.Now()+50*time.Millisecond) != sys.WokeDeadline { // what is left of the start
	}
	deadline := k.Now() + 200*time.Millisecond
	assert.Equal(t, sys.WokeDeadline, k.Wait(deadline))
	assert.GreaterOrEqual(t, k.Now(), deadline)
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	finish(t, k, c)
}

// Between the Wait that a deadline ended and the look for exits this process may have
// been stopped for long.
func TestAnExitAfterADeadlineIsToldAtOnce(t *testing.T) {
	k := newKernel(t)
	c := shell(t, k, "sleep 4321", &buffer{})
	for k.Wait(k.Now()+50*time.Millisecond) != sys.WokeDeadline { // what is left of the start
	}
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	for ended := false; !ended; {
		var err error
		_, ended, err = k.Peek(c.Handle)
		require.NoError(t, err)
	}
	assert.Equal(t, []sys.Handle{c.Handle}, k.Exited())
	finish(t, k, c)
}

func TestWakesMerge(t *testing.T) {
	k := newKernel(t)
	k.Wake()
	k.Wake()
	assert.Equal(t, sys.WokeCommand, k.Wait(sys.Never))
	assert.Equal(t, sys.WokeDeadline, k.Wait(0))
	done := make(chan struct{})
	go func() { defer close(done); k.Wake() }()
	assert.Equal(t, sys.WokeCommand, k.Wait(sys.Never))
	<-done
}

func TestSignalsArrive(t *testing.T) {
	k := newKernel(t)
	for range 3 {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGPIPE))
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	}
	var got []syscall.Signal
	until(t, k, "the signal", func() bool { got = append(got, k.Signals()...); return len(got) > 0 })
	for _, s := range got {
		assert.Equal(t, syscall.SIGUSR1, s)
	}
}

func TestJobsRunOutsideTheLoop(t *testing.T) {
	k := newKernel(t)
	const n = 50
	gate := make(chan struct{})
	for i := range n {
		k.Submit(func(sys.JobKernel) any { <-gate; return i })
	}
	assert.Empty(t, k.Finished())
	close(gate)
	seen := map[any]bool{}
	until(t, k, "all results", func() bool {
		for _, r := range k.Finished() {
			assert.False(t, seen[r], "%v came twice", r)
			seen[r] = true
		}
		return len(seen) == n
	})
}
