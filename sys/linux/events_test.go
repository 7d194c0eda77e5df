package linux_test

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

func TestAFloodOfOneSignalLosesNoOther(t *testing.T) {
	k := newKernel(t)
	var flood sync.WaitGroup
	var over atomic.Bool
	flood.Go(func() {
		for !over.Load() {
			_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		}
	})
	defer flood.Wait()
	defer over.Store(true)
	for range 50 {
		require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR2))
		until(t, k, "the other signal", func() bool {
			for _, s := range k.Signals() {
				if s == syscall.SIGUSR2 {
					return true
				}
			}
			return false
		})
	}
}

// A Wait that another goroutine ends before it has looked at epoll leaves that to Exited.
func TestAWakeDoesNotHideAnExit(t *testing.T) {
	k := newKernel(t)
	var wakes sync.WaitGroup
	var over atomic.Bool
	wakes.Go(func() {
		for !over.Load() {
			k.Wake()
		}
	})
	defer wakes.Wait()
	defer over.Store(true)
	for range 100 {
		c := shell(t, k, "sleep 4321", nil)
		k.Exited()
		require.NoError(t, k.Signal(c.Handle, syscall.SIGKILL))
		for ended := false; !ended; {
			var err error
			_, ended, err = k.Peek(c.Handle)
			require.NoError(t, err)
		}
		k.Wait(sys.Never)
		assert.Equal(t, []sys.Handle{c.Handle}, k.Exited())
		finish(t, k, c)
	}
}

// An event that was read before its descriptor was closed must not reach the process
// or the stream that has the number by then.
func TestAnEventOfAFormerDescriptorIsDropped(t *testing.T) {
	k, out := newKernel(t), &buffer{}
	c := shell(t, k, "echo first; sleep 4321", out)
	until(t, k, "the output", func() bool { return out.String() == "first\n" })
	assert.Zero(t, k.DeliverExit(c.Handle, 1), "of the handle's predecessor")
	assert.Empty(t, k.Exited())
	assert.NotZero(t, k.DeliverExit(c.Handle, 0))
	assert.Equal(t, []sys.Handle{c.Handle}, k.Exited(), "its own")

	k.DeliverHangup(1)
	assert.False(t, out.isClosed(), "of the pipe's predecessor")
	k.DeliverHangup(0)
	assert.True(t, out.isClosed(), "its own")
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	finish(t, k, c)
}

// The pool once took a moment without an order for starts that all hang, and doubled
// until the machine had no descriptors left.
func TestManyStartsNeedFewThreads(t *testing.T) {
	k := newKernel(t)
	const many = 3000
	most := 0
	for range many {
		lastID++
		k.Spawn(sys.SpawnRequest{ID: lastID, Path: "/bin/true"})
	}
	time.Sleep(3 * linux.StuckAfter) // a loop that is busy elsewhere
	for done, deadline := 0, k.Now()+6*patience; done < many; {
		require.Less(t, k.Now(), deadline)
		k.Wait(deadline)
		for _, r := range k.Spawned() {
			require.NoError(t, r.Err)
		}
		for _, h := range k.Exited() {
			_, ended, err := k.Reap(h)
			require.NoError(t, err)
			require.True(t, ended)
			k.Close(h)
			done++
		}
		most = max(most, k.Workers())
	}
	assert.LessOrEqual(t, most, 2*linux.MinWorkers)
}

func TestStartsWithoutDescriptorsFailAndLeaveNone(t *testing.T) {
	assert.Equal(t, "some started, some met EMFILE, few workers: true, nothing is left", runPart(t, "no descriptors", "ulimit -n 100;"))
}
