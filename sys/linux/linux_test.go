package linux_test

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/mainthread"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// patience is how long a test waits for a fact before it fails.
const patience = 10 * time.Second

func newKernel(t *testing.T) *linux.Kernel {
	t.Helper()
	k := openKernel(t)
	t.Cleanup(func() { k.Shutdown(time.Second) })
	return k
}

// openKernel leaves Shutdown to the test.
func openKernel(t *testing.T) *linux.Kernel {
	t.Helper()
	return newKernelWith(t, linux.Options{Signals: []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2}})
}

func newKernelWith(t *testing.T, o linux.Options) (k *linux.Kernel) {
	t.Helper()
	var err error
	mainthread.Do(func() { k, err = linux.New(o) })
	require.NoError(t, err)
	if forceClone {
		k.ForceClone()
	}
	return k
}

// orphans looks for orphans on the main thread.
func orphans(t *testing.T, k *linux.Kernel) (o sys.Orphans) {
	t.Helper()
	var err error
	mainthread.Do(func() { o, err = k.Orphans() })
	require.NoError(t, err)
	return o
}

// until turns the loop until the fact holds.
func until(t *testing.T, k *linux.Kernel, what string, fact func() bool) {
	t.Helper()
	deadline := k.Now() + patience
	for !fact() {
		require.Less(t, k.Now(), deadline, "waited in vain for: %s", what)
		k.Wait(min(deadline, k.Now()+20*time.Millisecond))
	}
}

var lastID sys.SpawnID

// spawn gives one result, whatever it is.
func spawn(t *testing.T, k *linux.Kernel, r sys.SpawnRequest) sys.SpawnResult {
	t.Helper()
	lastID++
	r.ID = lastID
	k.Spawn(r)
	var got []sys.SpawnResult
	until(t, k, "the result of a start", func() bool { got = append(got, k.Spawned()...); return len(got) > 0 })
	require.Len(t, got, 1)
	require.Equal(t, r.ID, got[0].ID)
	return got[0]
}

// shell starts sh -c script with captured output.
func shell(t *testing.T, k *linux.Kernel, script string, out *buffer) sys.Child {
	t.Helper()
	r := sys.SpawnRequest{Path: "sh", Args: []string{"-c", script}, Env: os.Environ()}
	if out != nil {
		r.Stdout = out
	}
	got := spawn(t, k, r)
	require.NoError(t, got.Err)
	return got.Child
}

// finish waits for the end of a child and reaps it.
func finish(t *testing.T, k *linux.Kernel, c sys.Child) (st sys.Status) {
	t.Helper()
	until(t, k, "the end of a child", func() bool {
		peeked, ended, err := k.Peek(c.Handle)
		require.NoError(t, err)
		st = peeked
		return ended
	})
	reaped, ended, err := k.Reap(c.Handle)
	require.NoError(t, err)
	require.True(t, ended)
	assert.Equal(t, st, reaped)
	k.Close(c.Handle)
	return st
}

// buffer is a sink without a bound, or with one.
type buffer struct {
	mu     sync.Mutex
	data   bytes.Buffer
	room   int // 0: no bound
	closed bool
	resume func()
}

func (b *buffer) Room(resume func()) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.room == 0 {
		return 1 << 30
	}
	if free := b.room - b.data.Len(); free > 0 {
		return free
	}
	b.resume = resume
	return 0
}

func (b *buffer) Write(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data.Write(p)
}

func (b *buffer) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

func (b *buffer) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// text runs a script to its end and gives what it printed.
func text(t *testing.T, k *linux.Kernel, script string) string {
	t.Helper()
	out := &buffer{}
	c := shell(t, k, script, out)
	until(t, k, "the end of the output", out.isClosed)
	finish(t, k, c)
	return strings.TrimSpace(out.String())
}

func TestAChildIsStartedCapturedAndReaped(t *testing.T) {
	k := newKernel(t)
	out := &buffer{}
	c := shell(t, k, "echo hello; exit 7", out)
	assert.Equal(t, sys.Status{Code: 7}, finish(t, k, c))
	until(t, k, "the end of the output", out.isClosed)
	assert.Equal(t, "hello\n", out.String())
}

func TestAGroupIsKilledByItsLeader(t *testing.T) {
	k := newKernel(t)
	c := shell(t, k, "sleep 4321 & wait", nil)
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, finish(t, k, c))
}

func TestEveryExitIsToldOnce(t *testing.T) {
	k := newKernel(t)
	const n = 200
	for range n {
		lastID++
		k.Spawn(sys.SpawnRequest{ID: lastID, Path: "/bin/true"})
	}
	started, exited := map[sys.Handle]bool{}, map[sys.Handle]int{}
	until(t, k, "all exits", func() bool {
		for _, r := range k.Spawned() {
			require.NoError(t, r.Err)
			started[r.Child.Handle] = true
		}
		for _, h := range k.Exited() {
			require.True(t, started[h], "an exit before its start")
			exited[h]++
			_, ended, err := k.Reap(h)
			require.NoError(t, err)
			require.True(t, ended)
		}
		return len(exited) == n
	})
	assert.Empty(t, k.Exited(), "reaping tells nothing again")
	for h, times := range exited {
		assert.Equal(t, 1, times)
		k.Close(h)
	}
	assert.Panics(t, func() { k.Peek(12345) })
}
