package linux_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// newCgroup makes a directory below gosv's own cgroup v2.
func newCgroup(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	for line := range strings.Lines(string(mounts)) {
		if !strings.Contains(line, " - cgroup2 ") {
			continue
		}
		dir, err := os.MkdirTemp(strings.Fields(line)[4], "gosv-linux-test-")
		if err != nil {
			t.Skipf("no cgroup v2 to work in: %v", err)
		}
		t.Cleanup(func() {
			os.WriteFile(filepath.Join(dir, "cgroup.freeze"), []byte("0"), 0)
			os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
			assert.Eventually(t, func() bool { return syscall.Rmdir(dir) == nil }, patience, time.Millisecond)
		})
		return dir
	}
	t.Skip("no cgroup v2 is mounted")
	return ""
}

func freeze(t *testing.T, k *linux.Kernel, dir, value string) {
	t.Helper()
	require.NoError(t, k.WriteFile(filepath.Join(dir, "cgroup.freeze"), []byte(value)))
}

// hang requests a start that hangs in a frozen cgroup.
func hang(k *linux.Kernel, dir string) sys.SpawnID {
	lastID++
	k.Spawn(sys.SpawnRequest{ID: lastID, Path: "/bin/true", Cgroup: dir, Stdout: &buffer{}})
	return lastID
}

func TestAHungStartDelaysNobody(t *testing.T) {
	k, dir := newKernel(t), newCgroup(t)
	freeze(t, k, dir, "1")
	const hung = 50
	var ids []sys.SpawnID
	for range hung {
		ids = append(ids, hang(k, dir))
	}
	assert.Equal(t, "alive", text(t, k, "echo alive"))
	runtime.GC() // stops the world; it does not hang

	assert.Greater(t, k.Workers(), hung)

	for _, id := range ids {
		k.Abort(id)
	}
	ended := map[sys.SpawnID]bool{}
	until(t, k, "the results of aborted starts", func() bool {
		for _, r := range k.Spawned() {
			ended[r.ID] = true
			require.NoError(t, r.Err, "the child was born and killed")
			assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, finish(t, k, r.Child))
		}
		return len(ended) == hung
	})
}

func TestAThawedStartGoesOn(t *testing.T) {
	k, dir := newKernel(t), newCgroup(t)
	freeze(t, k, dir, "1")
	id := hang(k, dir)
	until(t, k, "a process in the cgroup", func() bool {
		procs, err := k.ReadFile(filepath.Join(dir, "cgroup.procs"))
		require.NoError(t, err)
		return len(procs) > 0
	})
	assert.Empty(t, k.Spawned())
	freeze(t, k, dir, "0")
	var got []sys.SpawnResult
	until(t, k, "the result", func() bool { got = append(got, k.Spawned()...); return len(got) > 0 })
	require.NoError(t, got[0].Err)
	assert.Equal(t, id, got[0].ID)
	assert.Equal(t, sys.Status{}, finish(t, k, got[0].Child))
	k.Abort(id) // over: nothing happens
}

func TestAStartThatWaitsIsAborted(t *testing.T) {
	k, dir := newKernel(t), newCgroup(t)
	freeze(t, k, dir, "1")
	var ids []sys.SpawnID
	for range linux.MinWorkers {
		ids = append(ids, hang(k, dir))
	}
	until(t, k, "every thread to hang", func() bool {
		procs, err := k.ReadFile(filepath.Join(dir, "cgroup.procs"))
		require.NoError(t, err)
		return bytes.Count(procs, []byte("\n")) == linux.MinWorkers
	})
	queued := hang(k, dir)
	for _, id := range append([]sys.SpawnID{queued}, ids...) {
		k.Abort(id)
	}
	results := map[sys.SpawnID]sys.SpawnResult{}
	until(t, k, "every result", func() bool {
		for _, r := range k.Spawned() {
			results[r.ID] = r
			if r.Err == nil {
				finish(t, k, r.Child)
			}
		}
		return len(results) == len(ids)+1
	})
	assert.ErrorIs(t, results[queued].Err, syscall.ECANCELED)
}

func TestAChildIsBornInItsCgroup(t *testing.T) {
	k, dir, out := newKernel(t), newCgroup(t), &buffer{}
	got := spawn(t, k, sys.SpawnRequest{Path: "/bin/cat", Args: []string{"/proc/self/cgroup"}, Cgroup: dir, Stdout: out})
	require.NoError(t, got.Err)
	until(t, k, "the end of the output", out.isClosed)
	finish(t, k, got.Child)
	assert.Contains(t, out.String(), "0::")
	assert.Contains(t, out.String(), filepath.Base(dir))
}

func TestCgroupEventsAreWatched(t *testing.T) {
	k, dir := newKernel(t), newCgroup(t)
	events := filepath.Join(dir, "cgroup.events")
	first, err := k.Watch(events)
	require.NoError(t, err)
	second, err := k.Watch(events)
	require.NoError(t, err)
	got := spawn(t, k, sys.SpawnRequest{Path: "/bin/true", Cgroup: dir})
	require.NoError(t, got.Err)
	var changed []sys.WatchID
	until(t, k, "a notice", func() bool { changed = append(changed, k.Changed()...); return len(changed) >= 2 })
	assert.Subset(t, changed, []sys.WatchID{first, second})
	finish(t, k, got.Child)
	k.Unwatch(first)
	k.Unwatch(second)
	assert.Panics(t, func() { k.Unwatch(first) })
}

// A child that hangs in its exec has a table of descriptors of its own, with
// copies of what gosv has closed meanwhile. Such a copy must not be reported.
func TestWhatAHungExecHoldsIsNotReported(t *testing.T) {
	k := newKernel(t)
	program := filepath.Join(t.TempDir(), "true")
	text, err := os.ReadFile("/bin/true")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(program, text, 0o755))
	holder, err := os.OpenFile(program, os.O_RDWR, 0)
	require.NoError(t, err)
	defer holder.Close()
	// Executing a file waits for the holder of a lease on it, fcntl(2).
	_, err = unix.FcntlInt(holder.Fd(), unix.F_SETLEASE, unix.F_WRLCK)
	require.NoError(t, err)

	outs := []*buffer{{}, {}, {}}
	var children []sys.Child
	for _, out := range outs {
		children = append(children, shell(t, k, "sleep 1000", out))
	}
	const hung = 50 // the threads added for them have high slots
	for range hung {
		lastID++
		k.Spawn(sys.SpawnRequest{ID: lastID, Path: program})
	}
	until(t, k, "threads for all", func() bool { return len(k.Spawned()) == 0 && k.Workers() >= hung })
	for i, c := range children {
		require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
		finish(t, k, c)
		until(t, k, "the end of its output", outs[i].isClosed)
	}
	before := cpu(t)
	for end := k.Now() + 200*time.Millisecond; k.Now() < end; {
		k.Wait(end)
	}
	assert.Less(t, cpu(t)-before, 100*time.Millisecond, "something is reported again and again")

	_, err = unix.FcntlInt(holder.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	require.NoError(t, err)
	holder.Close()
	for left := hung; left > 0; {
		until(t, k, "the hung starts", func() bool {
			for _, r := range k.Spawned() {
				left--
				if r.Err == nil {
					finish(t, k, r.Child)
				}
			}
			return left == 0
		})
	}
}

// cpu is what this process has used.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u unix.Rusage
	require.NoError(t, unix.Getrusage(unix.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
