package integration

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCrashLoopWithoutDelayDoesNotBlockGosv(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, program("mad", "sh", "-c", "exit 1").delays("0s").with("max_restarts", -1), sleeper("calm"))
		calm := g.started("calm", 1)
		g.started("mad", 20)
		kill(t, calm, syscall.SIGKILL)
		g.started("calm", 2)
		asked := time.Now()
		g.stop()
		assert.Less(t, time.Since(asked), 2*late)
	})
}

func TestExitWhileGosvIsStoppedIsRestartedAfterwards(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		names := []string{"a", "b", "c"}
		g := supervise(t, mode, sleeper("a"), sleeper("b"), sleeper("c"))
		pids := []int{}
		for _, name := range names {
			pids = append(pids, g.started(name, 1))
		}
		g.signal(syscall.SIGSTOP)
		eventually(t, "gosv to be stopped", func() bool { return state(g.pid) == 'T' })
		for _, pid := range pids {
			kill(t, pid, syscall.SIGKILL)
		}
		eventually(t, "the dead to be zombies", func() bool { return len(childrenOf(g.pid, 'Z')) == len(pids) })
		g.signal(syscall.SIGCONT)
		for _, name := range names {
			g.started(name, 2)
		}
		assert.Empty(t, childrenOf(g.pid, 'Z'))
		g.stop()
	})
}

func TestIgnoredSIGCHLDIsNotInherited(t *testing.T) {
	t.Parallel()
	config := configFile(t, "off", program("a", "sh", "-c", "exit 3").with("max_restarts", 1), sleeper("b"))
	g := launch{via: []string{"sh", "-c", `trap "" CHLD PIPE USR1; exec "$0" "$@"`}, args: []string{"--config", config}}.start(t)
	g.says("a", "failed: exit status 3", 1)
	assert.Zero(t, status(t, g.started("b", 1)).Ignored&(1<<(syscall.SIGCHLD-1)))
	assert.Contains(t, g.dump(), "b: running")
	g.stop()
}

func TestClosedStandardDescriptorsDoNotReachServices(t *testing.T) {
	t.Parallel()
	config := configFile(t, "off", sleeper("a"), sleeper("b"))
	g := launch{via: []string{"sh", "-c", `exec "$0" "$@" <&- >&- 2>&-`}, args: []string{"--config", config}}.start(t)
	eventually(t, "both services", func() bool { return len(childrenOf(g.pid, 'S')) == 2 })
	for _, pid := range childrenOf(g.pid, 'S') {
		open := settled(t, pid)
		assert.Equal(t, "/dev/null", open["0"])
		assert.Regexp(t, "^pipe:", open["1"])
		assert.Regexp(t, "^pipe:", open["2"])
	}
	g.stop()
}

func TestServicesWaitForDescriptorsWithoutCountedRestarts(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		const crowd = 15
		services := []service{}
		for i := range crowd {
			services = append(services, program(letter(i), "sleep", "0.2").with("restart", "on-failure").with("max_restarts", 0).
				with("backoff", map[string]any{"initial": "10ms", "max": "50ms"}))
		}
		config := configFile(t, mode, services...)
		g := launch{via: []string{"sh", "-c", `ulimit -n 40; exec "$0" "$@"`}, args: []string{"--config", config}}.start(t)
		assert.Zero(t, g.status(), "all came to run, and ended well")
		assert.Contains(t, g.stderr(), "too many open files")
		assert.Equal(t, crowd, strings.Count(g.stderr(), `"ended: exit status 0"`))
	})
}

func TestTooFewThreadsIsReported(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil || os.Getuid() != 0 {
		t.Skip("to limit another user's processes takes root, and bash")
	}
	program, err := os.Open(binary) // its directory is closed to others
	require.NoError(t, err)
	defer program.Close()
	cmd := exec.Command(bash, "-c", `ulimit -u 8; exec /proc/self/fd/3 --run true`)
	cmd.Dir, cmd.ExtraFiles = "/", []*os.File{program}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 64125, Gid: 64125}}
	text, err := cmd.CombinedOutput()
	assert.EqualError(t, err, "exit status 1")
	assert.Regexp(t, `^gosv: cannot set up: gosv needs \d+ threads and can have only \d:`+
		` user 64125 may have 8 processes and threads in all \(RLIMIT_NPROC\); raise it with ulimit -u\n$`, string(text))
}

// The Go runtime aborts a program that is refused a thread, so gosv creates its threads
// before it starts a service: at the limit, services wait.
func TestServicesWaitAtTheProcessLimit(t *testing.T) {
	t.Parallel()
	steadily := map[string]any{"initial": "20ms", "factor": 1}
	services := []service{program("missing", "/no/such/program").with("max_restarts", -1).with("backoff", steadily)}
	for i := range 20 {
		services = append(services, program(letter(i), "sh", "-c", "sleep 0.2 & wait").with("max_restarts", -1).with("backoff", steadily))
	}
	g := asUserUnder(t, []string{"prlimit", "--nproc=36"}, 64127, "", "off", services...)
	for n := range 5 {
		eventually(t, "starts that are refused", func() bool {
			return strings.Count(g.stderr(), "resource temporarily unavailable; trying again") > 4*n
		})
		g.dump()
	}
	g.stop()
}

func TestRunKillsOrphansOfItsCommand(t *testing.T) {
	t.Parallel()
	g := run(t, played("daemon {setsid; ignore TERM; sleep forever}; fork {ignore TERM; sleep forever}; exit 4"), "--max-restarts", "0")
	assert.Equal(t, 4, g.status())
}

func TestForkingOrphanIsKilled(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		const forking = `(setsid sh -c 'while :; do sleep 0.3 & sleep 0.005; done' &); echo ready; exec sleep 1000`
		g := supervise(t, mode, program("a", "sh", "-c", forking))
		g.prints("a | ready")
		first := g.started("a", 1)
		invocation, _ := processesOf(t, first)
		kill(t, first, syscall.SIGKILL)
		g.started("a", 2)
		assert.Empty(t, having("GOSV_INVOCATION", invocation))
		g.stop()
	})
}
