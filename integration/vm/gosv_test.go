package vm

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for a fact. An emulated machine is slow.
const patience = 60 * time.Second

// service is one service of a configuration: an actor, and further keys.
type service map[string]any

// actor is a service that runs an actor of this binary.
func actor(name string, words ...string) service {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return service{
		"name": name, "command": self, "args": append([]string{"actor"}, words...),
		"backoff": map[string]any{"initial": "300ms", "factor": 1},
	}
}

func (s service) with(key string, value any) service {
	s[key] = value
	return s
}

// gosv is a running gosv.
type gosv struct {
	t      *testing.T
	cmd    *exec.Cmd
	events string // file of --events
	output string // what it and the services print
	ended  chan struct{}
}

// supervise runs gosv with these services until the test ends.
func supervise(t *testing.T, services ...service) *gosv {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(map[string]any{"cgroup": "require", "services": services})
	require.NoError(t, err)
	file := filepath.Join(dir, "services.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	g := &gosv{t: t, events: filepath.Join(dir, "events"), output: filepath.Join(dir, "output"), ended: make(chan struct{})}
	g.cmd = exec.Command(program(t), "--config", file, "--events", g.events)
	output, err := os.OpenFile(g.output, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	defer output.Close()
	g.cmd.Stdout, g.cmd.Stderr = output, output
	require.NoError(t, g.cmd.Start())
	go func() {
		_ = g.cmd.Wait()
		close(g.ended)
	}()
	t.Cleanup(func() {
		g.stop()
		if t.Failed() {
			t.Logf("output of gosv and its services:\n%s\nevents:\n%s", read(g.output), read(g.events))
		}
	})
	return g
}

// stop ends gosv with SIGTERM and gives its exit status.
func (g *gosv) stop() int {
	g.t.Helper()
	_ = g.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-g.ended:
	case <-time.After(patience):
		_ = g.cmd.Process.Kill()
		g.t.Errorf("gosv did not end within %v of SIGTERM", patience)
		<-g.ended
	}
	return g.cmd.ProcessState.ExitCode()
}

// change is a line of --events that tells a change of a service's state.
type change struct {
	Service, From, To, Cause, Outcome string
	Pid, Restarts                     int
}

func (g *gosv) changes(of string) (all []change) {
	file, err := os.Open(g.events)
	if err != nil {
		return nil
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c change
		if json.Unmarshal(lines.Bytes(), &c) == nil && c.Service == of && c.To != "" {
			all = append(all, c)
		}
	}
	return all
}

// await waits for a fact.
func (g *gosv) await(what string, fact func() bool) {
	g.t.Helper()
	require.Eventually(g.t, fact, patience, 20*time.Millisecond, what)
}

// running waits until a service runs for the nth time and gives its main process.
func (g *gosv) running(name string, nth int) (pid int) {
	g.t.Helper()
	g.await(fmt.Sprintf("%s runs for the %dth time", name, nth), func() bool {
		count := 0
		for _, c := range g.changes(name) {
			if c.To == "running" {
				if count++; count == nth {
					pid = c.Pid
					return true
				}
			}
		}
		return false
	})
	return pid
}

// outcome waits for the nth end of a service and says how it ended.
func (g *gosv) outcome(name string, nth int) (outcome string) {
	g.t.Helper()
	g.await(fmt.Sprintf("%s ends for the %dth time", name, nth), func() bool {
		count := 0
		for _, c := range g.changes(name) {
			if c.Outcome != "" {
				if count++; count == nth {
					outcome = c.Outcome
					return true
				}
			}
		}
		return false
	})
	return outcome
}

// printed waits for a line of output and gives its match.
func (g *gosv) printed(pattern string) []string {
	g.t.Helper()
	expression, found := regexp.MustCompile(pattern), []string(nil)
	g.await("output "+pattern, func() bool {
		found = expression.FindStringSubmatch(read(g.output))
		return found != nil
	})
	return found
}

func read(file string) string {
	text, _ := os.ReadFile(file)
	return string(text)
}

// cgroup is the directory of a process in the cgroup v2 hierarchy.
func cgroup(t *testing.T, pid int) string {
	t.Helper()
	for line := range strings.Lines(read(fmt.Sprintf("/proc/%d/cgroup", pid))) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return filepath.Join(root(), path)
		}
	}
	t.Fatalf("PID %d has no cgroup", pid)
	return ""
}

// limit finds the file of a limit in a process's cgroup or the one above: limits
// may stand at the service's or at the instance's cgroup.
func limit(t *testing.T, pid int, file string) string {
	t.Helper()
	dir := cgroup(t, pid)
	for range 2 {
		if value := strings.TrimSpace(read(filepath.Join(dir, file))); value != "" && !strings.HasPrefix(value, "max") {
			return value
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// usage is the CPU time of a process's cgroup.
func usage(t *testing.T, pid int) time.Duration {
	t.Helper()
	for line := range strings.Lines(read(filepath.Join(cgroup(t, pid), "cpu.stat"))) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "usage_usec "); ok {
			microseconds, err := strconv.Atoi(value)
			require.NoError(t, err)
			return time.Duration(microseconds) * time.Microsecond
		}
	}
	t.Fatalf("no usage_usec in cpu.stat of PID %d", pid)
	return 0
}

// figure records what was measured, for the report of the kernels.
func figure(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Logf("figure: "+format, args...)
}
