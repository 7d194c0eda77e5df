package integration

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/supervisor"
)

const polite = "on TERM {print bye; exit 0}; print ready; sleep forever"

func TestTermStopsEveryService(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			inBothModes(t, func(t *testing.T, mode string) {
				g := supervise(t, mode, testproc("a", polite), testproc("b", polite), testproc("c", polite))
				for _, name := range []string{"a", "b", "c"} {
					g.prints(name + " | ready")
				}
				g.signal(sig)
				assert.Zero(t, g.status())
				for _, name := range []string{"a", "b", "c"} {
					assert.True(t, hasLine(g.stdout(), name+" | bye"), "service %s had its grace", name)
					assert.Len(t, g.of(name, "stopped: exit status 0"), 1)
				}
			})
		})
	}
}

// A shell without job control ignores INT and QUIT for its background commands, so that a
// key that is meant for the script does not end them.
func TestIgnoredInterruptStaysIgnored(t *testing.T) {
	t.Parallel()
	config := configFile(t, "off", testproc("a", polite))
	g := launch{via: []string{"sh", "-c", `trap '' INT QUIT; exec "$@"`, "sh"}, args: []string{"--config", config}}.start(t)
	g.prints("a | ready")
	g.signal(syscall.SIGINT)
	g.signal(syscall.SIGQUIT)
	g.signal(syscall.SIGUSR2)
	eventually(t, "the signal behind them to be handled", func() bool { return strings.Contains(g.stderr(), "SIGUSR2") })
	g.stop()
	assert.Contains(t, g.stderr(), "SIGTERM: stopping", "neither INT nor QUIT ended it")
}

func TestFaultSignalsSentByKillStopEveryService(t *testing.T) {
	for _, sig := range []syscall.Signal{
		syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS,
	} {
		t.Run(signame.Name(sig), func(t *testing.T) {
			t.Parallel()
			g := supervise(t, "off", testproc("a", polite))
			g.prints("a | ready")
			g.signal(sig)
			assert.Zero(t, g.status())
			assert.True(t, hasLine(g.stdout(), "a | bye"), "it had its grace")
			g.says("", "SIG"+signame.Name(sig)+": stopping", 1)
		})
	}
}

const ignoring = "ignore TERM; ignore INT; print ignoring; sleep forever"

func TestSecondSignalKillsAtOnce(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", ignoring).with("stop_timeout", "1h"), testproc("b", ignoring).with("stop_timeout", "1h"))
		g.prints("a | ignoring")
		g.prints("b | ignoring")
		g.signal(syscall.SIGTERM)
		g.says("a", "stopping", 1)
		assert.False(t, g.hasEnded())

		time.Sleep(supervisor.ShutdownDebounce)
		g.signal(syscall.SIGINT)
		assert.Zero(t, g.status())
		g.says("", "SIGINT again: killing what is left", 1)
		assert.Len(t, g.of("b", "stopped: killed by SIGKILL"), 1)
	})
}

// timeout(1) signals its child and then the process group of both.
func TestTwoTermsOfTimeoutCountAsOne(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		config := configFile(t, mode, testproc("a", "on TERM {sleep 300ms; print bye; exit 0}; print ready; sleep forever"))
		g := launch{via: []string{"timeout", "100"}, args: []string{"--config", config}}.start(t)
		g.prints("a | ready")
		g.signal(syscall.SIGTERM)
		assert.Zero(t, g.status())
		assert.True(t, hasLine(g.stdout(), "a | bye"), "it had its grace")
		assert.NotContains(t, g.stderr(), "again")
	})
}

func TestManySignalsEndGosvAsOneDoes(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", testproc("a", ignoring).with("stop_timeout", "1h"))
	g.prints("a | ignoring")
	for !g.hasEnded() {
		// ErrProcessDone: it has ended between the two lines.
		_ = g.cmd.Process.Signal(syscall.SIGTERM)
	}
	assert.Zero(t, g.status())
}

func TestHangupDoesNotEndGosvWithAConfiguration(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", sleeper("a"))
	first := g.started("a", 1)
	g.signal(syscall.SIGHUP)
	g.says("", "reload: nothing has changed", 1)
	kill(t, first, syscall.SIGKILL)
	g.started("a", 2)
	g.stop()
}

func TestHangupEndsRun(t *testing.T) {
	t.Parallel()
	g := run(t, "sleep 1000")
	g.started("sleep", 1)
	g.signal(syscall.SIGHUP)
	assert.Equal(t, 128+int(syscall.SIGTERM), g.status(), "what the stop signal did to the child")
}

func TestServiceInBackoffDoesNotDelayShutdown(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", program("a", "sh", "-c", "exit 1").with("backoff", map[string]any{"initial": "1h", "max": "1h"}))
	g.says("a", "restart 1 of 5 in 1h0m0s", 1)
	asked := time.Now()
	g.stop()
	assert.Less(t, time.Since(asked), late)
}

func TestTermDuringTheFirstStartsStopsAll(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		services := []service{}
		for i := range 30 {
			services = append(services, sleeper(letter(i)))
		}
		g := supervise(t, mode, services...)
		eventually(t, "the first service", func() bool { return len(childrenOf(g.pid, 'S')) > 0 })
		g.stop() // cleanUp checks that nothing is left
	})
}

func TestTermAtAnyInstantLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for delay := time.Duration(0); delay < 20*time.Millisecond; delay += 2 * time.Millisecond {
		g := supervise(t, "auto", sleeper("a"), sleeper("b"))
		time.Sleep(delay) // a different instant each time
		g.signal(syscall.SIGTERM)
		// Before gosv has installed its handlers, the signal kills it.
		assert.Contains(t, []int{0, 128 + int(syscall.SIGTERM)}, g.status())
	}
}
