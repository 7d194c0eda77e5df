package live_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/testproc/live"
)

func TestMain(m *testing.M) {
	live.RunIfRequested()
	os.Exit(m.Run())
}

// play runs a script to its end and returns what the process and its descendants wrote.
func play(t *testing.T, script string) (stdout, stderr string, end syscall.WaitStatus) {
	t.Helper()
	path, args := live.Command(script)
	cmd := exec.Command(path, args...)
	var out, err strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run()
	require.NotNil(t, cmd.ProcessState, "the testproc did not start")
	return out.String(), err.String(), cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// show is a running script that has printed "ready".
type show struct {
	*exec.Cmd
	pipe io.ReadCloser
	out  *bufio.Reader
}

func begin(t *testing.T, script string) show {
	t.Helper()
	path, args := live.Command(script)
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	s := show{cmd, pipe, bufio.NewReader(pipe)}
	s.reads(t, "ready")
	return s
}

func (s show) reads(t *testing.T, line string) {
	t.Helper()
	got, err := s.out.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, line+"\n", got)
}

func (s show) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	require.NoError(t, s.Process.Signal(sig))
}

func (s show) end(t *testing.T) syscall.WaitStatus {
	t.Helper()
	_, err := io.ReadAll(s.out)
	require.NoError(t, err)
	_ = s.Wait()
	return s.ProcessState.Sys().(syscall.WaitStatus)
}

func TestScriptWritesAndExits(t *testing.T) {
	stdout, stderr, end := play(t, "print a b; warn w; write last; exit 7")
	assert.Equal(t, "a b\nlast", stdout)
	assert.Equal(t, "w\n", stderr)
	assert.Equal(t, 7, end.ExitStatus())
}

func TestEndOfScriptExitsWithZero(t *testing.T) {
	_, _, end := play(t, "sleep 1ms")
	assert.Equal(t, 0, end.ExitStatus())
}

func TestBadScriptPrintsErrorAndExitsWith2(t *testing.T) {
	_, stderr, end := play(t, "dance")
	assert.Equal(t, "testproc script, at 0: unknown operation \"dance\"\n", stderr)
	assert.Equal(t, 2, end.ExitStatus())
}

func TestFloodWritesAllBytes(t *testing.T) {
	stdout, _, _ := play(t, "flood 200000")
	assert.Len(t, stdout, 200000)
}

func TestDieEndsByThatSignal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGKILL,
		syscall.SIGSEGV, syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGPROF, syscall.SIGSYS} {
		_, stderr, end := play(t, "ignore TERM; die "+signame.Name(sig))
		require.True(t, end.Signaled(), "%v: %v", sig, end)
		assert.Equal(t, sig, end.Signal())
		assert.False(t, end.CoreDump())
		assert.Empty(t, stderr)
	}
}

func TestExternalSignalEndsByThatSignal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGUSR1} {
		s := begin(t, "print ready; sleep forever")
		s.signal(t, sig)
		end := s.end(t)
		require.True(t, end.Signaled(), "%v: %v", sig, end)
		assert.Equal(t, sig, end.Signal())
	}
}

func TestScriptContinuesAfterHandler(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGQUIT, syscall.SIGTERM} {
		s := begin(t, "on "+signame.Name(sig)+" {print handled}; print ready; sleep forever")
		s.signal(t, sig)
		s.reads(t, "handled")
		s.signal(t, sig)
		s.reads(t, "handled")
	}
}

func TestBlockHoldsEverySignalExceptKILL(t *testing.T) {
	s := begin(t, "on USR1 {print handled}; print ready; block 300ms; print after; sleep 1s; exit 1")
	s.signal(t, syscall.SIGUSR1)
	s.reads(t, "handled")
	s.reads(t, "after")

	s = begin(t, "print ready; block 300ms; print after")
	s.signal(t, syscall.SIGTERM)
	out, err := s.out.ReadString('\n')
	assert.ErrorIs(t, err, io.EOF, "%q", out)
	assert.Equal(t, syscall.SIGTERM, s.end(t).Signal())

	s = begin(t, "print ready; block forever")
	s.signal(t, syscall.SIGKILL)
	assert.Equal(t, syscall.SIGKILL, s.end(t).Signal())
}

func TestHandlerInterruptsBlockedWrite(t *testing.T) {
	s := begin(t, "on TERM {exit 5}; print ready; loop {flood 1000000}")
	s.signal(t, syscall.SIGTERM)
	state, err := s.Process.Wait() // stdout is not read
	require.NoError(t, err)
	assert.Equal(t, 5, state.ExitCode())
}

func TestDispositionHoldsFromNextOperation(t *testing.T) {
	s := begin(t, "ignore TERM; ignore SEGV; on USR1 {default TERM; print mortal}; print ready; sleep forever")
	s.signal(t, syscall.SIGTERM)
	s.signal(t, syscall.SIGSEGV)
	s.signal(t, syscall.SIGUSR1)
	s.reads(t, "mortal")
	s.signal(t, syscall.SIGTERM)
	assert.Equal(t, syscall.SIGTERM, s.end(t).Signal())
}

func TestForkSharesGroupAndIgnoredSignals(t *testing.T) {
	s := begin(t, "ignore TERM; on USR2 {print parent}; fork {on USR1 {print child}; print ready; sleep forever}; sleep forever")
	require.NoError(t, syscall.Kill(-s.Process.Pid, syscall.SIGTERM))
	require.NoError(t, s.Process.Signal(syscall.SIGUSR2))
	s.reads(t, "parent")
	require.NoError(t, syscall.Kill(-s.Process.Pid, syscall.SIGUSR1))
	s.reads(t, "child")
}

func TestForkReturnsAfterDispositionsAreSet(t *testing.T) {
	s := begin(t, "ignore TERM; fork {sleep 50ms; print survived}; print ready; sleep forever")
	require.NoError(t, syscall.Kill(-s.Process.Pid, syscall.SIGTERM))
	s.reads(t, "survived")
}

func TestWaitWaitsForEveryChild(t *testing.T) {
	stdout, _, _ := play(t, "fork {sleep 20ms; print one}; fork {print two}; wait; print all")
	assert.ElementsMatch(t, []string{"one", "two", "all", ""}, strings.Split(stdout, "\n"))
	assert.True(t, strings.HasSuffix(stdout, "all\n"), stdout)
}

func TestDaemonIsNotWaitedFor(t *testing.T) {
	s := begin(t, "daemon {ignore HUP; sleep forever}; wait; print ready; exit 0")
	_ = syscall.Kill(-s.Process.Pid, syscall.SIGKILL) // the daemon is still in the process group
	s.end(t)                                          // returns only because the daemon closed stdout
}

func TestForkCanLeaveProcessGroup(t *testing.T) {
	s := begin(t, "fork {setsid; on USR1 {}; print ready; sleep 30ms; print alone}; sleep forever")
	require.NoError(t, syscall.Kill(-s.Process.Pid, syscall.SIGKILL))
	s.reads(t, "alone")
}

func TestSetsidOfGroupLeaderExitsWith99(t *testing.T) {
	path, args := live.Command("setsid; print not here")
	cmd := exec.Command(path, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, _ := cmd.Output()
	assert.Empty(t, string(out))
	assert.Equal(t, 99, cmd.ProcessState.ExitCode())
}

func TestStopStopsBeforeTheNextOperation(t *testing.T) {
	s := begin(t, "print ready; stop; print again; exit 3")
	var st syscall.WaitStatus
	_, err := syscall.Wait4(s.Process.Pid, &st, syscall.WUNTRACED, nil)
	require.NoError(t, err)
	require.True(t, st.Stopped())
	assert.Zero(t, s.out.Buffered())
	s.signal(t, syscall.SIGCONT)
	s.reads(t, "again")
	assert.Equal(t, 3, s.end(t).ExitStatus())
}

func TestBrokenStdoutKillsBySIGPIPE(t *testing.T) {
	s := begin(t, "print ready; loop {print x}")
	require.NoError(t, s.pipe.Close())
	state, err := s.Process.Wait()
	require.NoError(t, err)
	assert.Equal(t, syscall.SIGPIPE, state.Sys().(syscall.WaitStatus).Signal())
}

func TestSiblingIsChildOfParent(t *testing.T) {
	s := begin(t, "print ready; fork {sibling {print sibling; sleep forever}; exit 0}; wait; print waited; sleep forever")
	var lines []string
	for range 2 { // in either order
		line, err := s.out.ReadString('\n')
		require.NoError(t, err)
		lines = append(lines, line)
	}
	assert.ElementsMatch(t, []string{"waited\n", "sibling\n"}, lines)
}

func TestTracerHidesExitOfItsParent(t *testing.T) {
	s := begin(t, "on USR1 {print alive}; fork {trace 0; print ready; sleep 300ms; print lets go}; sleep forever")
	s.signal(t, syscall.SIGUSR1)
	s.reads(t, "alive")
	s.signal(t, syscall.SIGTERM)
	s.reads(t, "lets go")
	assert.Equal(t, syscall.SIGTERM, s.end(t).Signal())
}

func TestEndLeaderLooksLikeZombieAndLives(t *testing.T) {
	s := begin(t, "on USR1 {print alive}; end-leader; end-leader; print ready; sleep forever")
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.Process.Pid))
	require.NoError(t, err)
	assert.Contains(t, string(stat), ") Z ")
	s.signal(t, syscall.SIGUSR1)
	s.reads(t, "alive")
	s.signal(t, syscall.SIGTERM)
	assert.Equal(t, syscall.SIGTERM, s.end(t).Signal())
}
