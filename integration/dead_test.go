package integration

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatADeadGosvLeftIsKilledBeforeTheFirstStart(t *testing.T) {
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

// To the next gosv in the same group it looks like one that is dead, save that it is
// the living process that took the lock.
func TestAGosvThatWasMovedAwayIsNotReclaimed(t *testing.T) {
	t.Parallel()
	config := configFile(t, "require", testproc("a", "print ready; sleep forever"))
	shared := launch{cgroup: needsCgroups(t), args: []string{"--config", config}}
	g := shared.start(t)
	first := g.started("a", 1)
	require.NoError(t, os.WriteFile(filepath.Join(g.dir, "cgroup.procs"), []byte(itoa(g.pid)), 0))
	own, err := cgroupOf(g.pid)
	require.NoError(t, err)
	require.Equal(t, g.dir, own)

	next := shared.start(t)
	next.started("a", 1)
	assert.NotContains(t, next.stderr(), "gosv left")
	next.stop()
	assert.True(t, alive(first), "it is another's")
	g.stop()
	assert.Empty(t, dirs(g.dir))
}

// A child that was not able to execute its program has the descriptors of the gosv
// that made it, the lock on its directory among them.
func TestAChildThatHangsDoesNotKeepADeadGosvAlive(t *testing.T) {
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
	eventually(t, "a child that is born frozen", func() bool {
		return !alive(first) && len(marked(dead.mark)) == 2 // in this order: first is one of them while it dies
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
