package integration

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/testproc/live"
)

func TestServiceIgnoringTermIsKilledAtItsDeadline(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		const grace = 300 * time.Millisecond
		g := supervise(t, mode, testproc("ignoring", "ignore TERM; print ignoring; sleep forever").with("stop_timeout", "300ms"))
		g.prints("ignoring | ignoring")

		asked := time.Now()
		g.stop()

		took := time.Since(asked)
		assert.GreaterOrEqual(t, took, grace)
		assert.LessOrEqual(t, took, grace+late)
		assert.Len(t, g.of("ignoring", "stopped: killed by SIGKILL"), 1)
		if warned := g.of("ignoring", "did not stop within 300ms of SIGTERM, sending SIGKILL: PID "); assert.Len(t, warned, 1) {
			assert.Equal(t, "WARN", warned[0].Level)
		}
	})
}

func TestStopTimeoutAppliesToTheWholeProcessGroup(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		path, args := live.Command("on TERM {sleep 200ms; print last words; exit 0}; print working; sleep forever")
		worker := path + " '" + strings.Join(args, "' '") + "'"
		g := supervise(t, mode, program("a", "sh", "-c", worker+"; echo after"))
		g.prints("a | working")

		asked := time.Now()
		g.stop()

		assert.Less(t, time.Since(asked), 2*time.Second, "the stop ends with the last of the group, not with the grace of 5 s")
		assert.True(t, hasLine(g.stdout(), "a | last words"))
		assert.Len(t, g.of("a", "stopped: killed by SIGTERM"), 1, "the shell itself died at once")
	})
}

func TestStopSignalReachesProcessesOutsideTheGroup(t *testing.T) {
	for name, leave := range map[string]string{"a setsid child": "fork {setsid; %}", "a daemon in its own session": "daemon {setsid; %}"} {
		t.Run(name, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode string) {
				outsider := strings.ReplaceAll(leave, "%", "on TERM {sleep 100ms; print outside done; exit 0}; print outside; sleep forever")
				g := supervise(t, mode, testproc("a", "on TERM {exit 0}; "+outsider+"; sleep forever"))
				g.prints("a | outside")

				asked := time.Now()
				g.stop()

				assert.Less(t, time.Since(asked), 2*time.Second)
				assert.True(t, hasLine(g.stdout(), "a | outside done"))
			})
		})
	}
}

func TestStoppedProcessIsContinuedAtAStop(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", "on TERM {print bye; exit 0}; print ready; sleep forever"))
		g.prints("a | ready")
		pid := g.started("a", 1)
		kill(t, pid, syscall.SIGSTOP)
		eventually(t, "the process to be stopped", func() bool { return state(pid) == 'T' })

		g.stop()

		assert.True(t, hasLine(g.stdout(), "a | bye"), "it was continued and had its grace")
	})
}

func TestFrozenCgroupIsThawedAtAStop(t *testing.T) {
	t.Parallel()
	needsCgroups(t)
	g := supervise(t, "require", testproc("a", "on TERM {print bye; exit 0}; print ready; sleep forever"))
	g.prints("a | ready")
	leaf, err := cgroupOf(g.started("a", 1))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(leaf, "cgroup.freeze"), []byte("1"), 0))
	eventually(t, "the cgroup to be frozen", func() bool { return strings.Contains(cgroupFile(t, leaf, "cgroup.events"), "frozen 1") })

	g.stop()

	assert.True(t, hasLine(g.stdout(), "a | bye"), "it was thawed and had its grace")
}

func TestStopSignalIsConfigurable(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", testproc("a", "on TERM {print wrong}; on USR2 {print right; exit 0}; print ready; sleep forever").with("stop_signal", "USR2"))
	g.prints("a | ready")
	g.stop()
	assert.Equal(t, "a | ready\na | right\n", g.stdout())
}
