package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	testproc "github.com/gosv/gosv/testproc/live"
)

// wrapped returns a service that is started through a wrapper.
func wrapped(t *testing.T, command string, args ...string) (startWrapper, config.Service) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	s, svc, err := newStartWrapper(t.TempDir(), self, config.NewService("web", command, args...))
	require.NoError(t, err)
	return s, svc
}

func startOf(t *testing.T, svc config.Service, env ...string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), svc.Command, svc.Args...)
	cmd.Env = append(os.Environ(), env...)
	text, err := cmd.CombinedOutput()
	return string(text), err
}

func TestWrapperExecutesTheProgram(t *testing.T) {
	path, args := testproc.Command("print a 'b' c; exit 3")
	_, svc := wrapped(t, path, args...)
	output, err := startOf(t, svc)
	assert.Equal(t, "a 'b' c\n", output)
	assert.EqualError(t, err, "exit status 3")
}

// A name without a slash is looked up at the start, as gosv does.
func TestWrapperLooksUpTheProgramInPath(t *testing.T) {
	dir := t.TempDir()
	path, args := testproc.Command("print found")
	require.NoError(t, os.Symlink(path, filepath.Join(dir, "program")))
	_, svc := wrapped(t, "program", args...)
	output, err := startOf(t, svc, "PATH=/nowhere:"+dir)
	require.NoError(t, err, output)
	assert.Equal(t, "found\n", output)
	output, err = startOf(t, svc, "PATH=/nowhere")
	assert.EqualError(t, err, "exit status 127")
	assert.Contains(t, output, "cannot start program: no such file or directory")
}

func TestInstructionIsCarriedOutOnce(t *testing.T) {
	path, args := testproc.Command("print program")
	s, svc := wrapped(t, path, args...)
	assert.True(t, s.done())
	require.NoError(t, s.instruct("exit 75"))
	assert.False(t, s.done())
	output, err := startOf(t, svc)
	assert.EqualError(t, err, "exit status 75")
	assert.Empty(t, output)
	assert.True(t, s.done())
	output, err = startOf(t, svc)
	require.NoError(t, err)
	assert.Equal(t, "program\n", output)
	require.NoError(t, s.cancel(), "there is nothing left to cancel")
}

func TestInstructionCanBeCancelled(t *testing.T) {
	path, args := testproc.Command("print program")
	s, svc := wrapped(t, path, args...)
	require.NoError(t, s.instruct("exit 75"))
	require.NoError(t, s.cancel())
	output, err := startOf(t, svc)
	require.NoError(t, err)
	assert.Equal(t, "program\n", output)
}

func TestInstructionToSleepDelaysTheProgram(t *testing.T) {
	path, args := testproc.Command("print program")
	s, svc := wrapped(t, path, args...)
	require.NoError(t, s.instruct("sleep 200ms"))
	began := time.Now()
	output, err := startOf(t, svc)
	require.NoError(t, err)
	assert.Equal(t, "program\n", output)
	assert.GreaterOrEqual(t, time.Since(began), 200*time.Millisecond)
}

// The child runs before the program begins.
func TestInstructionCanRunAChild(t *testing.T) {
	path, args := testproc.Command("print program")
	s, svc := wrapped(t, path, args...)
	require.NoError(t, s.instruct("testproc daemon {print orphan}; print child"))
	output, err := startOf(t, svc)
	require.NoError(t, err)
	assert.Less(t, strings.Index(output, "child"), strings.Index(output, "program"), output)
	assert.Contains(t, output, "orphan")
}

func TestUnknownInstructionFailsTheStart(t *testing.T) {
	s, svc := wrapped(t, "/bin/true")
	require.NoError(t, s.instruct("dance"))
	output, err := startOf(t, svc)
	assert.EqualError(t, err, "exit status 127")
	assert.Contains(t, output, `unknown instruction "dance"`)
}

// The kernel limits the interpreter line of a script, execve(2).
func TestInterpreterPathThatTheKernelCannotReadIsRefused(t *testing.T) {
	for _, path := range []string{"/a directory/gosv", "/" + strings.Repeat("x", 300)} {
		_, _, err := newStartWrapper(t.TempDir(), path, config.NewService("web", "web"))
		assert.ErrorAs(t, err, &CannotRun{}, path)
	}
}

func TestFullLogFailsUntilItIsEmptied(t *testing.T) {
	l, err := newLogFile(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer l.Close()
	writer, err := unix.Dup(int(l.Fd())) // shares the offset, as a supervisor's stdout does
	require.NoError(t, err)
	defer unix.Close(writer)
	write := func(text string) error {
		_, err := unix.Write(writer, []byte(text))
		return err
	}
	require.NoError(t, write("before\n"))
	assert.Equal(t, "before\n", l.tail())
	require.NoError(t, l.makeFull())
	require.ErrorIs(t, write("lost\n"), unix.EFBIG)
	require.NoError(t, l.makeWritable())
	require.NoError(t, write("after\n"))
	assert.Equal(t, "after\n", l.tail())
}

func TestFloodStopsWhenItIsUndone(t *testing.T) {
	var ends [2]int
	require.NoError(t, unix.Pipe2(ends[:], unix.O_CLOEXEC|unix.O_NONBLOCK))
	defer unix.Close(ends[0])
	d := startFlood(ends[1])
	piece := make([]byte, 1<<10)
	require.Eventually(t, func() bool { // the rest of the pipe stays full
		n, _ := unix.Read(ends[0], piece)
		return n > 0
	}, 5*time.Second, time.Millisecond)
	require.False(t, d.endsWhen(chaos.Event{}))
	require.NoError(t, d.undo())
	assert.True(t, d.endsWhen(chaos.Event{}))
	assert.Equal(t, byte('\n'), piece[len(piece)-1], "whole lines")
}
