package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDescendantsOfADeadMainProcessAreKilled(t *testing.T) {
	for name, leftover := range map[string]string{
		"a child":                    "fork {%}",
		"a child in its own session": "fork {setsid; %}",
		"a daemon":                   "daemon {%}",
		"a daemon in its own one":    "daemon {setsid; %}",
		"a sibling":                  "sibling {%}",
		"a chain of both":            "fork {daemon {setsid; fork {setsid; %}; ignore TERM; sleep forever}; ignore TERM; sleep forever}",
	} {
		t.Run(name, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode string) {
				const delay = 200 * time.Millisecond
				script := strings.ReplaceAll(leftover, "%", "ignore TERM; ignore HUP; print left; sleep forever") + "; sleep forever"
				g := supervise(t, mode, testproc("a", script).delays("200ms").with("stop_timeout", "100ms"))
				g.prints("a | left")
				main := g.started("a", 1)
				invocation, members := processesOf(t, main)
				require.GreaterOrEqual(t, len(members), 2)

				killed := sinceBoot()
				kill(t, main, syscall.SIGKILL)
				second := g.started("a", 2)

				assert.Empty(t, having("GOSV_INVOCATION", invocation), "the leftovers died before the restart")
				waited := startTimeOf(t, second) - killed
				assert.GreaterOrEqual(t, waited, delay-tick)
				assert.LessOrEqual(t, waited, delay+late, "the restart keeps its schedule")
				g.stop()
			})
		})
	}
}

func TestDescendantsOfAFinishedServiceDoNotKeepGosv(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", "daemon {setsid; ignore TERM; sleep forever}; exit 0").with("restart", "on-failure"))
		assert.Zero(t, g.status())
	})
}

// stranger starts a process that gosv does not own and that any signal kills.
func stranger(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd
}

func TestUnrelatedProcessIsNeverSignalled(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", "daemon {setsid; ignore TERM; print left; sleep forever}; sleep forever").with("stop_timeout", "100ms"))
		g.prints("a | left")
		first := g.started("a", 1)
		invocation, _ := processesOf(t, first)
		plain, lookalike := stranger(t), stranger(t, "GOSV_INVOCATION="+invocation)

		kill(t, first, syscall.SIGKILL)
		g.started("a", 2)
		g.stop()

		assert.True(t, alive(plain.Process.Pid))
		assert.True(t, alive(lookalike.Process.Pid), "what carries the name but is no child of gosv's is not gosv's")
	})
}

// unknownOrphan is a shell command that leaves an orphan which only its cgroup
// assigns to a service: its environment holds nothing but the mark, and it has a session
// of its own.
const unknownOrphan = `(setsid env -i ` + markVar + `="$` + markVar + `" sleep 4711 &)`

func TestUnknownOrphanWithoutCgroupsLivesUntilGosvEnds(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", program("a", "sh", "-c", unknownOrphan+`; exec sleep 1000`))
	var orphan int
	eventually(t, "the orphan", func() bool {
		for _, pid := range marked(g.mark) {
			if st, _ := stat(pid); st.Ppid == g.pid && len(variable(pid, "GOSV_INVOCATION")) == 0 && st.Comm == "sleep" {
				orphan = pid
			}
		}
		return orphan != 0
	})

	kill(t, g.started("a", 1), syscall.SIGKILL)
	g.started("a", 2)
	assert.True(t, alive(orphan))
	assert.Contains(t, g.dump(), fmt.Sprintf("adopted orphan %d: group %d, session %d, sleep 4711", orphan, orphan, orphan))

	assert.NotContains(t, g.stderr(), "killing", "nothing was left of the service itself")

	g.stop()
	assert.False(t, alive(orphan))
	g.says("", fmt.Sprintf("killing orphan PID %d (sleep)", orphan), 1)
}

func TestGrandchildHoldingStdoutDelaysNoExit(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, sleeper("other"),
			program("a", "sh", "-c", unknownOrphan+`; echo done; exit 7`).with("restart", "never"))
		began := g.says("a", "started", 1).Time
		assert.Less(t, g.says("a", "failed: exit status 7", 1).Time.Sub(began), late)
		g.prints("a | done")
		g.stop()
	})
}

// A process made with CLONE_PARENT is a child of gosv and not an orphan.
func TestSiblingsLeaveNoZombie(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", strings.Repeat("sibling {exit 3}; ", 5)+"print made; sleep forever"))
		g.prints("a | made")
		eventually(t, "the last zombie to be reaped", func() bool { return len(childrenOf(g.pid, 'Z')) == 0 })
		g.stop()
	})
}

// The exit of a traced main process is reported to its tracer first.
func TestExitOfATracedProcessIsSeenWhenItsTracerDetaches(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", "fork {setsid; trace 0; on USR1 {exit 0}; print traced; sleep forever}; sleep forever").delays("100ms"))
		g.prints("a | traced")
		main := g.started("a", 1)
		_, members := processesOf(t, main)
		kill(t, main, syscall.SIGKILL)
		eventually(t, "the zombie", func() bool { return state(main) == 'Z' })
		for _, pid := range members {
			if pid != main {
				kill(t, pid, syscall.SIGUSR1)
			}
		}
		g.started("a", 2)
		g.stop()
	})
}

func TestManyOrphansLeaveNoZombie(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		// ( ... &) makes a daemon: the shell in between exits at once.
		const flood = `i=0; while [ $i -lt 200 ]; do (: &); i=$((i+1)); done; echo flooded; exec sleep 1000`
		g := supervise(t, mode, program("a", "sh", "-c", flood))
		g.prints("a | flooded")
		eventually(t, "the last zombie to be reaped", func() bool { return len(childrenOf(g.pid, 'Z')) == 0 })
		g.stop()
	})
}

// When a gosv that is a service of another one is killed, its services become orphans
// of the outer one.
func TestServicesOfAnInnerGosvAreKilledWithIt(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		inner := configFile(t, "off", testproc("b", "daemon {setsid; ignore TERM; sleep forever}; ignore TERM; sleep forever"))
		g := supervise(t, mode, program("a", binary, "--config", inner, "--socket", filepath.Join(filepath.Dir(inner), "s")))
		first := g.started("a", 1)
		outer, _ := processesOf(t, first)
		var all []int
		eventually(t, "its service and the daemon", func() bool {
			all = nil
			for _, pid := range processes() {
				if values := variable(pid, "GOSV_INVOCATION"); len(values) > 0 && strings.HasPrefix(values[0], outer+"/") {
					all = append(all, pid)
				}
			}
			return len(all) == 2
		})
		kill(t, first, syscall.SIGKILL)
		g.started("a", 2)
		for _, pid := range all {
			assert.False(t, alive(pid), "%d outlived it", pid)
		}
	})
}
