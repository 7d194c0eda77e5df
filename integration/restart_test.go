package integration

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// late is how much later than due an event may happen on a busy machine.
var late = 1500 * time.Millisecond

func TestKilledServiceIsRestartedAfterTheInitialDelay(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		const delay = 300 * time.Millisecond
		g := supervise(t, mode, sleeper("a").delays("300ms"))
		first := g.started("a", 1)

		killed := sinceBoot()
		kill(t, first, syscall.SIGKILL)
		second := g.started("a", 2)

		assert.NotEqual(t, first, second)
		waited := startTimeOf(t, second) - killed
		assert.GreaterOrEqual(t, waited, delay-tick)
		assert.LessOrEqual(t, waited, delay+late)
		g.says("a", "killed by SIGKILL; restart 1 of 5 in 300ms", 1)
		g.stop()
	})
}

// A run prints before it ends, and the delay begins after its end: a slow machine makes
// the time between two lines longer, never shorter.
func TestDelaysGrowUntilTheServiceIsFailed(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", program("a", "sh", "-c", "date +%s%N; exit 3").with("max_restarts", 4).
		with("backoff", map[string]any{"initial": "40ms", "factor": 2, "max": "100ms"}))
	assert.Equal(t, 1, g.status(), "a service failed")

	var runs []time.Duration
	for line := range strings.Lines(g.stdout()) {
		instant, err := strconv.ParseInt(strings.TrimSpace(strings.TrimPrefix(line, "a | ")), 10, 64)
		require.NoError(t, err)
		runs = append(runs, time.Duration(instant))
	}
	if assert.Len(t, runs, 5) {
		for i, delay := range []time.Duration{40, 80, 100, 100} {
			waited := runs[i+1] - runs[i]
			assert.GreaterOrEqual(t, waited, delay*time.Millisecond, "restart %d", i+1)
			assert.LessOrEqual(t, waited, delay*time.Millisecond+late, "restart %d", i+1)
		}
	}
	assert.Len(t, g.of("a", "exit status 3; restart"), 4)
	assert.Len(t, g.of("a", "failed: exit status 3 after 4 restarts in a row (max_restarts)"), 1)
}

func TestRestartPolicies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		restart, end         string
		most, starts, status int
	}{
		{"always", "exit 0", 2, 3, 1},
		{"always", "exit 0", 1, 2, 1},
		{"always", "exit 0", 0, 1, 1},
		{"always", "exit 3", 2, 3, 1},
		{"on-failure", "exit 0", 2, 1, 0},
		{"on-failure", "exit 0", 0, 1, 0},
		{"on-failure", "exit 3", 2, 3, 1},
		{"on-failure", "kill -KILL $$", 2, 3, 1},
		{"never", "exit 0", 2, 1, 0},
		{"never", "exit 3", 2, 1, 1},
	} {
		t.Run(fmt.Sprintf("%s %d %s", c.restart, c.most, strings.ReplaceAll(c.end, "$$", "self")), func(t *testing.T) {
			t.Parallel()
			g := supervise(t, "off", program("a", "sh", "-c", c.end).with("restart", c.restart).with("max_restarts", c.most))
			assert.Equal(t, c.status, g.status())
			assert.Len(t, g.of("a", "started"), c.starts)
		})
	}
}

func TestLongRunResetsTheRestartCount(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", program("a", "sh", "-c", "sleep 0.1; exit 1").with("max_restarts", 1).
		with("backoff", map[string]any{"initial": "0s", "reset_after": "50ms"}))
	g.started("a", 4)
	assert.Len(t, g.of("a", "restart 1 of 1"), len(g.of("a", "exit status 1")), "each restart is the first again")
	g.stop()
}

func TestManyServicesKilledAtOnceAreAllRestarted(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		services, pids := []service{}, []int{}
		for i := range 20 {
			services = append(services, sleeper(letter(i)).delays("0s"))
		}
		g := supervise(t, mode, services...)
		for i := range services {
			pids = append(pids, g.started(letter(i), 1))
		}
		for _, pid := range pids {
			kill(t, pid, syscall.SIGKILL)
		}
		for i, first := range pids {
			second := g.started(letter(i), 2)
			assert.NotEqual(t, first, second)
			assert.True(t, alive(second))
		}
		g.stop()
		assert.Len(t, g.of(letter(0), "started"), 2)
	})
}

// letter is the name of the i-th of many services.
func letter(i int) string { return string(rune('A'+i/26)) + string(rune('a'+i%26)) }
