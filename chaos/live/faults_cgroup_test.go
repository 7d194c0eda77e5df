package live

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// A directory of files stands for a cgroup.
func TestLimitIsRestored(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cpu.max")
	require.NoError(t, os.WriteFile(name, []byte("50000 100000\n"), 0o600))
	d, err := limitFor(name, "1000 100000", time.Second)
	require.NoError(t, err)
	assert.Equal(t, "1000 100000", read(t, name))
	assert.Equal(t, time.Second, d.lasts)
	require.NoError(t, d.undo())
	assert.Equal(t, "50000 100000", read(t, name))
}

// The cgroup of a run is removed with it.
func TestLimitOfARemovedCgroupIsNotRestored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "leaf")
	require.NoError(t, os.Mkdir(dir, 0o700))
	name := filepath.Join(dir, "cgroup.freeze")
	_, err := limitFor(name, "1", time.Second)
	require.ErrorIs(t, err, unix.ESRCH)
	require.NoError(t, os.WriteFile(name, []byte("0\n"), 0o600))
	d, err := limitFor(name, "1", time.Second)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(dir))
	assert.NoError(t, d.undo(), "there is nothing to restore")
}

func TestMemoryLimitIsRestored(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "memory.max")
	require.NoError(t, os.WriteFile(name, []byte("max\n"), 0o600))
	d := limitBlocking(name, "4096", "max")
	require.Eventually(t, func() bool { return read(t, name) == "4096" }, 5*time.Second, time.Millisecond)
	require.NoError(t, d.undo())
	assert.Equal(t, "max", read(t, name))
}

// inTree returns a service whose cgroup is a directory of files, as on a machine with
// controllers: the directory of the service has the limits, and its run is below.
func inTree(t *testing.T, files map[string]string) (target, string) {
	own := t.TempDir()
	service := filepath.Join(own, "gosv", "web")
	leaf := filepath.Join(service, "1")
	require.NoError(t, os.MkdirAll(leaf, 0o700))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(service, name), []byte(text), 0o600))
	}
	groups := map[string]string{"10": leaf, strconv.Itoa(noProcess{}.Pid()): filepath.Join(own, "gosv", "supervisor")}
	return target{
		service:    config.NewService("web", "web"),
		pid:        10,
		observer:   &observer{processTracker: newProcessTracker("run")},
		supervisor: withCgroup{dir: own},
		cgroupOf:   func(pid string) (string, bool) { return groups[pid], groups[pid] != "" },
	}, service
}

// withCgroup is a supervisor with a cgroup of its own.
type withCgroup struct {
	noProcess
	dir string
}

func (b withCgroup) Cgroup() string { return b.dir }

func TestLimitFaultsSetAndRestoreTheLimit(t *testing.T) {
	for fault, c := range map[string]struct {
		arg, file string
		files     map[string]string
		squeezed  string
		after     time.Duration
	}{
		"memory":     {"", "memory.max", map[string]string{"memory.max": "max\n", "memory.current": "8192000\n"}, "4096000", limitTime},
		"cpu":        {"3s", "cpu.max", map[string]string{"cpu.max": "50000 100000\n"}, "1000 100000", 3 * time.Second},
		"fork-burst": {"", "pids.max", map[string]string{"pids.max": "100\n", "pids.current": "3\n"}, "19", limitTime},
	} {
		t.Run(fault, func(t *testing.T) {
			target, dir := inTree(t, c.files)
			name := filepath.Join(dir, c.file)
			d, err := injectors[fault](target, c.arg)
			require.NoError(t, err)
			assert.Equal(t, c.after, d.lasts)
			assert.False(t, d.lethal, "it may survive")
			require.Eventually(t, func() bool { return read(t, name) == c.squeezed }, 5*time.Second, time.Millisecond)
			require.NoError(t, d.undo())
			assert.Equal(t, strings.TrimSpace(c.files[c.file]), strings.TrimSpace(read(t, name)))
		})
	}
}

func TestLimitFaultIsUnsupportedWithoutItsController(t *testing.T) {
	for fault, file := range map[string]string{"memory": "memory.max", "cpu": "cpu.max", "fork-burst": "pids.max", "freeze": "cgroup.freeze", "kill-cgroup": "cgroup.kill"} {
		target, _ := inTree(t, nil)
		arg := "1s"
		_, err := injectors[fault](target, arg)
		require.ErrorAs(t, err, new(unsupported), fault)
		assert.ErrorContains(t, err, "its cgroup has no "+file+": ", fault)
		target.cgroupOf = func(string) (string, bool) { return "", false }
		_, err = injectors[fault](target, arg)
		assert.Equal(t, unsupported("it has no cgroup of its own"), err, fault)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// A limit that outlives its process would kill the next run, too.
func TestMemoryLimitEndsWithTheProcess(t *testing.T) {
	target, _ := inTree(t, map[string]string{"memory.max": "max\n", "memory.current": "8192000\n"})
	d, err := limitMemory(target, "")
	require.NoError(t, err)
	assert.False(t, d.endsWhen(chaos.Event{To: "running", Pid: target.pid}))
	assert.True(t, d.endsWhen(chaos.Event{To: "backoff", Pid: target.pid}))
	assert.True(t, d.endsWhen(chaos.Event{To: "running", Pid: target.pid + 1}))
	require.NoError(t, d.undo())
}
