package integration

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLeftoversOfADeadGosvEndBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	config := configFile(t, "require", testproc("a", "daemon {setsid; ignore TERM; sleep forever}; ignore TERM; print ready; sleep forever").with("stop_timeout", "100ms"))
	shared := launch{cgroup: needsCgroups(t), args: []string{"--config", config}}
	dead := shared.start(t)
	dead.prints("a | ready")
	dead.signal(syscall.SIGKILL)
	assert.Equal(t, 137, dead.status())
	require.Len(t, marked(dead.mark), 2, "nobody killed its service")

	next := shared.start(t)
	next.started("a", 1)
	assert.Empty(t, marked(dead.mark))
	next.says("", "dead", 1)
	next.stop()
	assert.Empty(t, dirs(next.dir))
}

// To the next gosv in the same cgroup it looks like a dead one, except that the process
// that took the lock is alive.
func TestLivingGosvMovedElsewhereIsNotReclaimed(t *testing.T) {
	t.Parallel()
	cgroup := needsCgroups(t)
	start := func() *gosv {
		config := configFile(t, "require", testproc("a", "print ready; sleep forever"))
		return launch{cgroup: cgroup, args: []string{"--config", config}}.start(t)
	}
	g := start()
	first := g.started("a", 1)
	require.NoError(t, os.WriteFile(filepath.Join(g.dir, "cgroup.procs"), []byte(itoa(g.pid)), 0))
	own, err := cgroupOf(g.pid)
	require.NoError(t, err)
	require.Equal(t, g.dir, own)

	next := start()
	next.started("a", 1)
	assert.NotContains(t, next.stderr(), "gosv left")
	next.stop()
	assert.True(t, alive(first), "it is another's")
	g.stop()
	assert.Empty(t, dirs(g.dir))
}

// A child that has not executed its program yet shares gosv's descriptors, and with
// them the lock of its directory.
func TestHungChildHoldingTheLockDoesNotCountAsGosv(t *testing.T) {
	t.Parallel()
	config := configFile(t, "require", testproc("a", "print ready; sleep forever").with("backoff", map[string]any{"initial": "0s"}))
	shared := launch{cgroup: needsCgroups(t), args: []string{"--config", config}}
	dead := shared.start(t)
	dead.prints("a | ready")
	first := dead.started("a", 1)
	service, err := cgroupOf(first)
	require.NoError(t, err)
	freezer := filepath.Join(filepath.Dir(service), "cgroup.freeze")
	require.NoError(t, os.WriteFile(freezer, []byte("1"), 0))
	kill(t, first, syscall.SIGKILL)
	eventually(t, "a child that is spawned frozen", func() bool {
		return !alive(first) && len(marked(dead.mark)) == 2 // in this order: first is among them while it dies
	})
	dead.signal(syscall.SIGKILL)
	assert.Equal(t, 137, dead.status())

	next := shared.start(t)
	next.started("a", 1)
	assert.Empty(t, marked(dead.mark))
	next.says("", "dead", 1)
	next.stop()
	assert.Empty(t, dirs(next.dir))
}
