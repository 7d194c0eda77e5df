package live

import (
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/procfs"
	testprocs "github.com/gosv/gosv/testproc/live"
)

func TestMain(m *testing.M) {
	RunIfRequested()
	testprocs.RunIfRequested()
	os.Exit(m.Run())
}

// start starts a testproc with the mark of a run, and waits until it is ready.
func start(t *testing.T, run, service, script string) *exec.Cmd {
	t.Helper()
	path, args := testprocs.Command(script)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), MarkRun+"="+run, MarkService+"="+service)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	_, err = out.Read(make([]byte, 1))
	require.NoError(t, err)
	return cmd
}

const ready = "print ready; sleep forever"

func observe(t *testing.T, run string, main func(Process) bool) *observer {
	t.Helper()
	o, err := newObserver(run, main)
	require.NoError(t, err)
	o.begin(os.Getpid())
	t.Cleanup(o.close)
	return o
}

func everyone(Process) bool { return true }

// eventually waits until a fact is true.
func eventually(t *testing.T, what string, fact func() bool) {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); !fact(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			require.FailNow(t, "did not happen: "+what)
		}
	}
}

func TestObserverFindsProcessesThatAreNotReported(t *testing.T) {
	o := observe(t, "r1", everyone)
	p := start(t, "r1", "web", ready)
	start(t, "r2", "web", ready)
	eventually(t, "the record", func() bool { return len(o.processes()) > 0 })
	require.NoError(t, p.Process.Kill())
	eventually(t, "its end", func() bool { return o.processes()[0].ExitedAt > 0 })
	lives := o.processes()
	require.Len(t, lives, 1, "no process of another run")
	l := lives[0]
	assert.Equal(t, p.Process.Pid, l.Pid)
	assert.Equal(t, "web", l.Service)
	assert.Empty(t, l.Overlapping)
	assert.Less(t, l.FirstSeen, l.ExitedAt)
}

func TestObserverSeesOverlappingMainProcesses(t *testing.T) {
	o := observe(t, "r3", func(Process) bool { return false })
	first, second := start(t, "r3", "web", ready), start(t, "r3", "web", ready)
	other := start(t, "r3", "db", ready)
	o.addMain(first.Process.Pid, "web")
	o.addMain(other.Process.Pid, "db")
	o.addMain(second.Process.Pid, "web")
	lives := o.processes()
	require.Len(t, lives, 3)
	assert.Empty(t, lives[0].Overlapping)
	assert.Empty(t, lives[1].Overlapping)
	assert.Equal(t, []int{first.Process.Pid}, lives[2].Overlapping)
}

func TestObserverRejectsProcessesOfOthers(t *testing.T) {
	o := observe(t, "r4", func(Process) bool { return false })
	o.addMain(os.Getpid(), "web")                              // no mark
	o.addMain(start(t, "r5", "web", ready).Process.Pid, "web") // another run
	o.addMain(start(t, "r4", "db", ready).Process.Pid, "web")  // another service
	assert.Empty(t, o.processes())
}

// A child of the supervisor that cleared its environment belongs to the run only once the
// supervisor is gone: then it was left behind.
func TestAdoptedProcessesWithoutAMarkAreFound(t *testing.T) {
	o := observe(t, "r8", everyone)
	helper, pid := child(t, MarkRun+"="+Helper), child(t)
	of := func(pid int) func(Process) bool { return func(p Process) bool { return p.Pid == pid } }
	eventually(t, "the adopted process", func() bool { return slices.ContainsFunc(o.adoptedUnmarked(), of(pid)) })
	assert.False(t, slices.ContainsFunc(o.adoptedUnmarked(), of(helper)), "a helper of the supervisor")
	assert.ErrorIs(t, o.kill(pid), unix.ESRCH)
	assert.Empty(t, o.processes())
	o.remember(o.adoptedUnmarked()[slices.IndexFunc(o.adoptedUnmarked(), of(pid))], "")
	assert.False(t, slices.ContainsFunc(o.adoptedUnmarked(), of(pid)))
	assert.NoError(t, o.kill(pid))
}

// child is a process with this environment, and ready.
func child(t *testing.T, env ...string) (pid int) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", "echo ready; exec sleep 1000")
	cmd.Env = append([]string{}, env...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	_, err = out.Read(make([]byte, 1))
	require.NoError(t, err)
	return cmd.Process.Pid
}

func TestOnlyProcessesOfTheRunAreKilled(t *testing.T) {
	mine, other := start(t, "r6", "web", ready), start(t, "r7", "web", ready)
	run := newProcessTracker("r6")
	assert.ErrorIs(t, run.kill(other.Process.Pid), unix.ESRCH)
	assert.ErrorIs(t, run.kill(os.Getpid()), unix.ESRCH)
	require.NoError(t, run.kill(mine.Process.Pid))
	_ = mine.Wait()
	assert.Equal(t, syscall.SIGKILL, mine.ProcessState.Sys().(syscall.WaitStatus).Signal())
	assert.NoError(t, other.Process.Signal(syscall.Signal(0)), "it still runs")
}

func TestHandledSignalsAreKnown(t *testing.T) {
	pid := start(t, "r8", "web", "on USR1 {}; ignore HUP; "+ready).Process.Pid
	for sig, want := range map[unix.Signal]bool{unix.SIGUSR1: true, unix.SIGHUP: true, unix.SIGKILL: false} {
		met, err := handlesSignal(pid, sig)
		require.NoError(t, err)
		assert.Equal(t, want, met, sig)
	}
	_, err := handlesSignal(1<<30, unix.SIGTERM)
	assert.ErrorIs(t, err, unix.ESRCH)
}

// A process that the main process started has an invocation ID of its own, and is no
// leftover.
func TestObserverFindsLeftoversOfEarlierRuns(t *testing.T) {
	var first atomic.Int64
	o := observe(t, "r9", func(p Process) bool { return p.Pid == int(first.Load()) })
	word := func(of string) { t.Setenv(procfs.InvocationVariable, of) }
	word("a")
	old, second := start(t, "r9", "web", ready), start(t, "r9", "web", ready)
	start(t, "r9", "db", ready)
	word("b/x")
	start(t, "r9", "web", ready) // of a gosv that it has started
	word("")
	start(t, "r9", "web", ready)
	word("b")
	start(t, "r9", "web", ready)
	first.Store(int64(start(t, "r9", "web", ready).Process.Pid))
	o.scan()
	o.scan()
	require.Len(t, o.processes(), 1)
	assert.ElementsMatch(t, []int{old.Process.Pid, second.Process.Pid}, o.processes()[0].Leftovers, "once each")
}

func TestStopDispositionsAreRecorded(t *testing.T) {
	o := observe(t, "r10", everyone)
	scripts := map[string]string{"default": "", "handled": "on USR1 {exit 0}; ", "ignored": "ignore USR1; ", "young": ""}
	stop := map[string]syscall.Signal{}
	pids := map[string]int{}
	for name, script := range scripts {
		stop[name] = syscall.SIGUSR1
		pids[name] = start(t, "r10", name, script+ready).Process.Pid
		o.addMain(pids[name], name)
	}
	o.mu.Lock()
	for _, l := range o.records {
		if l.Service != "young" {
			l.FirstSeen -= stableTime
		}
	}
	o.mu.Unlock()
	o.recordStopDispositions(stop)
	for _, l := range o.processes() {
		assert.Equal(t, l.Service == "default", l.DiesOnStopSignal, l.Service)
	}
	assert.Len(t, o.processes(), len(scripts))
	assert.False(t, diesOn(pids["default"], syscall.SIGCHLD), "its default action is to ignore it")
}
