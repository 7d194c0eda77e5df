package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for a fact.
const patience = 10 * time.Second

// markVar is in the environment of every process that a test starts.
const markVar = "GOSV_TEST_MARK"

var marks atomic.Int64

// launch says how gosv is started. Its stdout and stderr are files by default.
type launch struct {
	via                   []string // a program that executes the rest of its arguments
	args                  []string
	instead               []string // the command to start in gosv's place
	cgroup                string   // where gosv is started; "" is a new one
	env                   []string
	stdin, stdout, stderr *os.File
	extra                 []*os.File
	attr                  *syscall.SysProcAttr
}

// gosv is a running gosv.
type gosv struct {
	t       *testing.T
	cmd     *exec.Cmd
	pid     int
	mark    string
	dir     string // the cgroup that it was started in; "" if the kernel has none
	outFile string
	errFile string
	ended   chan struct{}
	phases  time.Duration // additional patience: chaos has phases that take longer on a busy machine
}

// supervise starts gosv with a configuration.
func supervise(t *testing.T, mode string, services ...service) *gosv {
	t.Helper()
	return launch{args: []string{"--config", configFile(t, mode, services...)}}.start(t)
}

// run starts gosv --run.
func run(t *testing.T, command string, args ...string) *gosv {
	t.Helper()
	return launch{args: append([]string{"--run", command}, args...)}.start(t)
}

// withJSONLog makes the log of a supervising gosv readable for record.
func withJSONLog(args []string) []string {
	if len(args) == 0 || slices.Contains(args, "--log-format") {
		return args
	}
	json := []string{"--log-format", "json"}
	switch first := args[0]; {
	case first == "run":
		return slices.Concat(args[:1], json, args[1:])
	case strings.HasPrefix(first, "--"):
		return slices.Concat(json, args)
	}
	return args
}

func (l launch) start(t *testing.T) *gosv {
	t.Helper()
	g := &gosv{t: t, ended: make(chan struct{}), mark: fmt.Sprintf("%d-%d", os.Getpid(), marks.Add(1))}
	files := t.TempDir()
	g.outFile, g.errFile = filepath.Join(files, "stdout"), filepath.Join(files, "stderr")
	words := append(append(l.via, binary), withJSONLog(l.args)...)
	if l.instead != nil {
		words = l.instead
	}
	g.cmd = exec.Command(words[0], words[1:]...)
	socket := filepath.Join(os.TempDir(), "gosv-test-"+g.mark+".sock") // t.TempDir can be too long for one: unix(7)
	t.Cleanup(func() { _ = os.Remove(socket) })
	g.cmd.Env = append(append(os.Environ(), markVar+"="+g.mark, "GORACE=atexit_sleep_ms=0", "GOSV_SOCKET="+socket), l.env...)
	g.cmd.Dir = files
	g.cmd.SysProcAttr, g.cmd.ExtraFiles = l.attr, l.extra
	g.startIn(l.cgroup)
	g.cmd.Stdout, g.cmd.Stderr = g.output(l.stdout, g.outFile), g.output(l.stderr, g.errFile)
	if l.stdin != nil {
		g.cmd.Stdin = l.stdin
	}
	require.NoError(t, g.cmd.Start())
	g.pid = g.cmd.Process.Pid
	go func() {
		_ = g.cmd.Wait()
		close(g.ended)
	}()
	t.Cleanup(g.cleanUp)
	return g
}

func (g *gosv) output(given *os.File, name string) *os.File {
	if given != nil {
		return given
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(g.t, err)
	g.t.Cleanup(func() { _ = file.Close() })
	return file
}

// cleanUp ends gosv if the test did not, and requires it to leave nothing behind.
func (g *gosv) cleanUp() {
	if !g.hasEnded() {
		g.signal(syscall.SIGTERM)
		select {
		case <-g.ended:
		case <-time.After(patience):
			g.t.Errorf("gosv does not end")
			_ = g.cmd.Process.Kill()
			<-g.ended
		}
	}
	if left := marked(g.mark); !assert.Emptyf(g.t, left, "gosv left processes behind: %v", left) {
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if g.dir != "" {
		assert.Empty(g.t, dirs(g.dir), "gosv left its cgroups behind")
	}
	assert.NotContains(g.t, g.stderr(), "DATA RACE")
	if g.t.Failed() {
		g.t.Logf("stdout of gosv:\n%.4000s\nstderr of gosv:\n%.8000s", g.stdout(), g.stderr())
	}
}

func (g *gosv) signal(sig syscall.Signal) {
	g.t.Helper()
	require.NoError(g.t, g.cmd.Process.Signal(sig))
}

func (g *gosv) hasEnded() bool {
	select {
	case <-g.ended:
		return true
	default:
		return false
	}
}

// status waits for gosv's end and returns its status as a shell would.
func (g *gosv) status() int {
	g.t.Helper()
	select {
	case <-g.ended:
	case <-time.After(patience + g.phases):
		require.Fail(g.t, "gosv does not end")
	}
	end := g.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if end.Signaled() {
		return 128 + int(end.Signal())
	}
	return end.ExitStatus()
}

// stop sends TERM, which must end gosv with status 0.
func (g *gosv) stop() {
	g.t.Helper()
	g.signal(syscall.SIGTERM)
	assert.Zero(g.t, g.status(), "the status of gosv after TERM")
}

func (g *gosv) stdout() string { return contents(g.t, g.outFile) }
func (g *gosv) stderr() string { return contents(g.t, g.errFile) }

// prints waits for a line of output.
func (g *gosv) prints(line string) {
	g.t.Helper()
	eventually(g.t, "the output "+line, func() bool { return hasLine(g.stdout(), line) })
}

func contents(t *testing.T, name string) string {
	text, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return ""
	}
	require.NoError(t, err)
	return string(text)
}

// eventually waits for a fact.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	limit := time.Now().Add(patience)
	for pause := time.Millisecond; !fact(); pause = min(2*pause, 20*time.Millisecond) {
		if time.Now().After(limit) {
			require.FailNow(t, "not seen: "+what)
		}
		time.Sleep(pause)
	}
}
