package integration

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatADeadGosvLeftIsKilledBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	config := configFile(t, "require", puppet("a", "daemon {setsid; ignore TERM; sleep forever}; ignore TERM; print ready; sleep forever").with("stop_timeout", "100ms"))
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
	assert.Empty(t, folders(next.folder))
}
