package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/chaos/report"
)

// startChaos starts gosv chaos and requires it to leave no temporary file and no
// process behind.
func startChaos(t *testing.T, args ...string) *gosv {
	t.Helper()
	temporary := t.TempDir()
	g := launch{args: append([]string{"chaos"}, args...), env: []string{"TMPDIR=" + temporary}}.start(t)
	g.phases = time.Minute
	t.Cleanup(func() {
		if !g.hasEnded() {
			return // cleanUp has reported it
		}
		left, err := os.ReadDir(temporary)
		require.NoError(t, err)
		assert.Empty(t, left, "temporary files")
	})
	return g
}

// supervisorOf returns the gosv that a gosv chaos runs.
func (g *gosv) supervisorOf() (pid int) {
	g.t.Helper()
	eventually(g.t, "gosv chaos to start a gosv", func() bool {
		for _, p := range processes() {
			if st, there := stat(p); there && st.Ppid == g.pid && len(variable(p, live.MarkRun)) == 0 && st.Pgrp == p {
				pid = p
			}
		}
		return pid != 0
	})
	return pid
}

// reaches waits for a phase.
func (g *gosv) reaches(phase string) {
	g.t.Helper()
	eventually(g.t, "phase "+phase, func() bool {
		return hasLine(g.stderr(), "chaos: "+phase) || strings.Contains(g.stderr(), "chaos: "+phase+",")
	})
}

// testprocFile configures services that are restarted at once, without limit.
func testprocFile(t *testing.T, scripts ...string) string {
	t.Helper()
	var services []service
	for i, script := range scripts {
		services = append(services, testproc("p"+itoa(i), script).with("max_restarts", -1).with("backoff", map[string]any{"initial": "10ms", "max": "20ms"}))
	}
	return configFile(t, "auto", services...)
}

const idle = "print ready; sleep forever"

func TestChaosPassesAndWritesReports(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	// This seed kills members of services that have some.
	g := startChaos(t, "--seed=19", "--duration=4s", "--tick=500ms", "--kill-rate=0.4", "--faults=kill,signal,kill-member,kill-group,stop",
		"--slack=5s", "--report=json="+file)
	if !assert.Zero(t, g.status()) {
		return
	}
	r, err := report.DecodeJSON([]byte(contents(t, file)))
	require.NoError(t, err)
	assert.Positive(t, r.Injected)
	assert.Contains(t, g.stdout(), "PASS")
}

// Without a cgroup a supervisor does not find a process that cleared its environment
// and left the process group. The judge sees that the supervisor has adopted it, and that
// it is older than every running service.
func TestChaosSeesForgottenOrphans(t *testing.T) {
	t.Parallel()
	long(t)
	leaves := program("web", "sh", "-c", "(setsid env -i sleep 1000 >/dev/null 2>&1 </dev/null &); exec sleep 1000")
	config := configFile(t, "off", leaves.with("max_restarts", -1).with("backoff", map[string]any{"initial": "10ms", "max": "20ms"}))
	g := startChaos(t, "--config="+config, "--seed=1", "--duration=3s", "--tick=500ms", "--kill-rate=1", "--slack=5s")
	assert.Equal(t, 1, g.status())
	assert.Regexp(t, `left behind: process PID \d+ \(sleep\), which the supervisor adopted`, g.stdout())
}

func TestChaosPlanCanBeRepeated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, plan := testprocFile(t, idle, idle), filepath.Join(dir, "plan.json")
	done := func(args ...string) (injected []string) {
		file := filepath.Join(dir, "report.json")
		g := startChaos(t, append(args, "--config="+config, "--slack=5s", "--report=json="+file)...)
		require.Zero(t, g.status(), g.stdout())
		r, err := report.DecodeJSON([]byte(contents(t, file)))
		require.NoError(t, err)
		return []string{itoa(r.Planned), itoa(int(r.Seed))}
	}
	first := done("--duration=2s", "--kill-rate=1", "--protect=p1", "--plan-out="+plan)
	assert.Equal(t, first, done("--plan="+plan))
}

func TestInterruptedChaosContinuesStoppedProcesses(t *testing.T) {
	t.Parallel()
	g := startChaos(t, "--config="+testprocFile(t, idle), "--duration=60s", "--tick=100ms", "--kill-rate=1", "--faults=stop", "--max-victims=1")
	eventually(t, "a service to be stopped", func() bool {
		for _, pid := range processes() {
			if len(variable(pid, live.MarkRun)) == 1 && slices.Contains(variable(pid, markVar), g.mark) && state(pid) == 'T' {
				return true
			}
		}
		return false
	})
	g.signal(syscall.SIGINT)
	assert.Equal(t, 130, g.status())
	assert.NotContains(t, g.stdout(), "left behind")
}

func TestSecondInterruptDoesNotWaitForAHungSupervisor(t *testing.T) {
	t.Parallel()
	g := startChaos(t, "--config="+testprocFile(t, idle, idle), "--duration=60s", "--kill-rate=0.1")
	supervisor := g.supervisorOf()
	g.reaches("faults")
	kill(t, supervisor, syscall.SIGSTOP)
	g.signal(syscall.SIGINT)
	g.reaches("shutdown")
	eventually(t, "gosv chaos to end", func() bool { // a signal within the debounce time counts as the first
		_ = g.cmd.Process.Signal(syscall.SIGQUIT)
		return g.hasEnded()
	})
	assert.Equal(t, 130, g.status())
}

func TestKilledSupervisorIsReportedAsCrashed(t *testing.T) {
	t.Parallel()
	g := startChaos(t, "--duration=60s", "--kill-rate=0.1")
	supervisor := g.supervisorOf()
	g.reaches("faults")
	kill(t, supervisor, syscall.SIGKILL)
	assert.Equal(t, 5, g.status())
	assert.Contains(t, g.stdout(), "the supervisor ended with status 137 before it was asked to")
}

// The supervisor of a killed gosv chaos dies with it, and the next run removes what is
// left.
func TestKilledChaosIsCleanedUpByTheNextRun(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	next := func() {
		args := []string{"chaos", "--config=" + configFile(t, "auto", testproc("over", "exit 3").with("max_restarts", 0)), "--count=1", "--slack=5s"}
		assert.Equal(t, 4, launch{args: args, env: []string{"TMPDIR=" + temporary}}.start(t).status())
	}
	for name, die := range map[string]func(chaos *gosv, supervisor int){
		"alone": func(chaos *gosv, _ int) {
			kill(t, chaos.pid, syscall.SIGKILL)
			eventually(t, "its services to end", func() bool { return len(marked(chaos.mark)) == 0 })
		},
		"with its supervisor": func(chaos *gosv, supervisor int) {
			kill(t, chaos.pid, syscall.SIGSTOP)
			kill(t, supervisor, syscall.SIGKILL)
			kill(t, chaos.pid, syscall.SIGKILL)
		},
	} {
		args := []string{"chaos", "--config=" + testprocFile(t, idle, idle), "--duration=60s", "--kill-rate=0.1"}
		g := launch{args: args, env: []string{"TMPDIR=" + temporary}}.start(t)
		supervisor := g.supervisorOf()
		g.reaches("faults")
		die(g, supervisor)
		<-g.ended
		left, err := os.ReadDir(temporary)
		require.NoError(t, err)
		assert.Len(t, left, 1, name)
		if name != "alone" {
			eventually(t, "its two services to live alone", func() bool { return len(marked(g.mark)) == 2 })
		}
		next()
		left, err = os.ReadDir(temporary)
		require.NoError(t, err)
		assert.Empty(t, left, name)
		assert.Empty(t, marked(g.mark), name)
	}
}

func TestUnsteadyServicesAreInconclusive(t *testing.T) {
	t.Parallel()
	// A small program: a busy machine takes a second to load a large one, which then counts
	// as a second of running.
	restarting := program("p1", "false").with("max_restarts", -1).with("backoff", map[string]any{"initial": "10ms", "max": "20ms"})
	g := startChaos(t, "--config="+configFile(t, "auto", testproc("p0", idle), restarting), "--duration=5s", "--count=3", "--warm-up=3s", "--slack=5s")
	assert.Equal(t, 4, g.status())
	assert.Contains(t, g.stdout(), "1 stable before the faults\n                after 3s, ")
}

// A failed service never becomes steady, so the warm-up ends at once.
func TestFailedServiceEndsTheWarmUp(t *testing.T) {
	t.Parallel()
	hopeless := testproc("hopeless", "exit 3").with("max_restarts", 0)
	g := startChaos(t, "--config="+configFile(t, "auto", sleeper("idle"), hopeless), "--count=3", "--warm-up=1h")
	assert.Equal(t, 4, g.status())
	assert.Contains(t, g.stdout(), "1 stable before the faults\n                hopeless failed for good (exit status 3)")
}

func TestAllowedGiveUpIsInconclusive(t *testing.T) {
	t.Parallel()
	once := sleeper("once").with("max_restarts", 1)
	g := startChaos(t, "--config="+configFile(t, "auto", once), "--duration=60s", "--tick=100ms", "--kill-rate=1", "--allow-give-up", "--slack=5s")
	assert.Equal(t, 4, g.status(), "%s%s", g.stdout(), g.stderr())
}

func TestChaosRespectsMaxRestarts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.json")
	twice := sleeper("twice").with("max_restarts", 2)
	g := startChaos(t, "--config="+configFile(t, "auto", twice), "--count=4", "--duration=3s", "--slack=5s", "--report=json="+file)
	require.Zero(t, g.status(), "%s%s", g.stdout(), g.stderr())
	var r report.JSON
	require.NoError(t, json.Unmarshal([]byte(contents(t, file)), &r))
	assert.Equal(t, 2, r.Injected)
	assert.Equal(t, map[string]int{"it would have been restart 3 in a row, and max_restarts is 2": 2}, r.Skipped)
}

func TestChaosReportsWhatTheMachineLacks(t *testing.T) {
	t.Parallel()
	g := launch{args: []string{"chaos", "--duration=1s", "--kill-rate=1"}, env: []string{"TMPDIR=/nonexistent"}}.start(t)
	assert.Equal(t, 3, g.status())
	assert.Contains(t, g.stderr(), "cannot make a temporary directory")
}

// The service starts only if its limit can be set, so gosv chaos must have enabled the
// controllers for gosv.
func TestLimitsAreSetUnderChaos(t *testing.T) {
	t.Parallel()
	own, err := cgroupOf(os.Getpid())
	if err != nil || !strings.Contains(contents(t, filepath.Join(own, "cgroup.controllers")), "pids") {
		t.Skip("this machine's cgroup v2 has no pids controller: limits cannot be had")
	}
	limited := testproc("limited", idle).with("max_restarts", -1).with("pids_max", 100).delays("0s")
	g := startChaos(t, "--config="+configFile(t, "require", limited), "--duration=2s", "--kill-rate=1", "--slack=5s")
	assert.Zero(t, g.status(), g.stdout())
	assert.Empty(t, dirs(g.dir))
}

// A hung supervisor is found at its shutdown.
func TestSupervisorThatDoesNotEndIsHung(t *testing.T) {
	long(t)
	t.Parallel()
	quick := sleeper("quick").with("backoff", map[string]any{"initial": "10ms", "max": "10ms"}).with("stop_timeout", "10ms")
	g := startChaos(t, "--config="+configFile(t, "auto", quick), "--duration=1s", "--kill-rate=1", "--warm-up=6s")
	supervisor := g.supervisorOf()
	g.reaches("faults")
	kill(t, supervisor, syscall.SIGSTOP)
	g.reaches("shutdown")
	select {
	case <-g.ended:
	case <-time.After(3 * patience): // a hung supervisor gets more time than patience
	}
	assert.Equal(t, 5, g.status())
	assert.Contains(t, g.stdout(), "was killed")
}
