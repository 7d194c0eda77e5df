package integration

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutputIsWholeLinesWithServiceName(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", testproc("web", "print one; warn two; write with; write out; exit 0").with("restart", "never"))
	assert.Zero(t, g.status())
	lines := strings.SplitAfter(g.stdout(), "\n")
	assert.ElementsMatch(t, []string{"web | one\n", "web | two\n", "web | without\n", ""}, lines)
}

func TestLinesOfServicesAreNotMixed(t *testing.T) {
	t.Parallel()
	const each = 2000
	counting := func(name string) service {
		return program(name, "sh", "-c", `i=0; while [ $i -lt 2000 ]; do echo $i of `+name+`; i=$((i+1)); done`).with("restart", "never")
	}
	g := supervise(t, "off", counting("a"), counting("b"), counting("c"))
	assert.Zero(t, g.status())
	lines := strings.Split(strings.TrimSuffix(g.stdout(), "\n"), "\n")
	assert.Len(t, lines, 3*each)
	seen := map[string]int{}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, " | ")
		number, rest, _ := strings.Cut(text, " of ")
		require.Equal(t, name, rest)
		require.Equal(t, itoa(seen[name]), number, "the lines of %s come in order", name)
		seen[name]++
	}
}

func TestLongLineIsSplitWithoutLoss(t *testing.T) {
	t.Parallel()
	const size = 10 << 20
	g := supervise(t, "off", testproc("a", "flood 10485760; print; print after; exit 0").with("restart", "never"))
	assert.Zero(t, g.status())
	total := 0
	for line := range strings.Lines(g.stdout()) {
		text, ok := strings.CutPrefix(line, "a | ")
		require.True(t, ok)
		require.LessOrEqual(t, len(line), 80<<10, "pieces are bounded")
		total += strings.Count(text, "x")
	}
	assert.Equal(t, size, total, "nothing of it is lost")
	assert.True(t, strings.HasSuffix(g.stdout(), "\na | after\n"))
}

func TestBlockedStdoutBlocksOnlyWritingServices(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe() // without a reader
	require.NoError(t, err)
	defer reader.Close()
	config := configFile(t, "off", testproc("talker", "flood 100000000; print never; sleep forever"), sleeper("quiet"))
	g := launch{args: []string{"--config", config}, stdout: writer}.start(t)
	require.NoError(t, writer.Close())
	talker := g.started("talker", 1)
	eventually(t, "the talker to be held back", func() bool { return waitsInPipe(talker) })

	kill(t, g.started("quiet", 1), syscall.SIGKILL)
	g.started("quiet", 2)

	asked := time.Now()
	eventually(t, "gosv to end, whatever it is sent while it waits for its stdout", func() bool {
		_ = g.cmd.Process.Signal(syscall.SIGTERM) // ErrProcessDone: it has just ended
		return g.hasEnded()
	})
	assert.Zero(t, g.status())
	const flush = 2 * time.Second
	assert.Less(t, time.Since(asked), 2*flush+4*late)
	assert.Len(t, g.of("", "stdout is blocked: waiting up to 4s"), 1, "it says why it does not end yet")
	assert.NotEmpty(t, g.of("", "stdout did not accept them"))
}

// waitsInPipe reports whether a thread of the process waits for room in a pipe.
func waitsInPipe(pid int) bool {
	threads, _ := os.ReadDir("/proc/" + itoa(pid) + "/task")
	for _, thread := range threads {
		wchan, _ := os.ReadFile("/proc/" + itoa(pid) + "/task/" + thread.Name() + "/wchan")
		if strings.Contains(string(wchan), "pipe") {
			return true
		}
	}
	return false
}

func TestBlockedStderrDoesNotStopSupervision(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	filled := make([]byte, 1<<16)
	_, err = writer.Write(filled)
	require.NoError(t, err)
	config := configFile(t, "off", program("a", "sh", "-c", "echo up; sleep 0.01; exit 1").with("max_restarts", 3), sleeper("b"))
	g := launch{args: []string{"--config", config}, stderr: writer}.start(t)
	require.NoError(t, writer.Close())
	eventually(t, "four starts", func() bool { return strings.Count(g.stdout(), "a | up\n") == 4 })
	g.stop()
}

// One pipe for stdout and stderr of gosv: its log must not break the lines of services.
func TestLogAndOutputInOnePipeAreWholeLines(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	talker := program("talker", "sh", "-c", `i=0; while [ $i -lt 3000 ]; do echo $i-------------------------------------------------E; i=$((i+1)); done`).with("restart", "never")
	crasher := program("crasher", "false").with("max_restarts", 30).with("backoff", map[string]any{"initial": "5ms", "factor": 1, "max": "5ms"})
	g := launch{args: []string{"--config", configFile(t, "off", talker, crasher)}, stdout: writer, stderr: writer}.start(t)
	require.NoError(t, writer.Close())
	var lines []string
	for scanner := bufio.NewScanner(reader); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	<-g.ended
	output, records := 0, 0
	for _, line := range lines {
		if strings.HasPrefix(line, "talker | ") && strings.HasSuffix(line, "-E") {
			output++
			continue
		}
		require.True(t, json.Valid([]byte(line)), "a broken line: %q", line)
		records++
	}
	assert.Equal(t, 3000, output)
	assert.Greater(t, records, 60)
}

func TestStdoutAndStderrKeepTheirOrder(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", program("a", "sh", "-c", "for i in 1 2 3 4 5 6 7 8; do echo out $i; echo err $i >&2; done").with("restart", "never"))
	assert.Zero(t, g.status())
	var want strings.Builder
	for i := 1; i <= 8; i++ {
		want.WriteString("a | out " + itoa(i) + "\na | err " + itoa(i) + "\n")
	}
	assert.Equal(t, want.String(), g.stdout())
}

func TestPromptIsShownWithoutItsNewline(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", program("a", "sh", "-c", "printf 'continue? '; exec sleep 1000"))
	eventually(t, "the prompt", func() bool { return g.stdout() == "a | continue? " })
	g.stop()
	assert.Equal(t, "a | continue? \n", g.stdout())
}

// --events, stdout and stderr may all be one file.
func TestEventsInTheFileOfStdoutAreWholeLines(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "all")
	file, err := os.Create(name)
	require.NoError(t, err)
	defer file.Close()
	config := configFile(t, "off", program("a", "sh", "-c", "echo one; echo two").with("restart", "never"))
	g := launch{args: []string{"--config", config, "--events", name}, stdout: file, stderr: file}.start(t)
	assert.Zero(t, g.status())
	text := contents(t, name)
	assert.Contains(t, text, "a | one\na | two\n")
	for line := range strings.Lines(text) {
		assert.True(t, strings.HasPrefix(line, "a | ") || json.Valid([]byte(line)), "a broken line: %q", line)
	}
	assert.Contains(t, text, `"type":"change"`)
}

func TestLogIsTextUnlessAskedForJSON(t *testing.T) {
	t.Parallel()
	for arg, pattern := range map[string]string{
		"--dump-maps":       `^\d\d:\d\d:\d\d started service=a pid=\d+$`,
		"--log-format=json": `^{.*"msg":"started","service":"a","pid":\d+}$`,
	} {
		config := configFile(t, "off", program("a", "true").with("restart", "never"))
		g := launch{instead: []string{binary, "--config", config, arg}}.start(t)
		assert.Zero(t, g.status())
		assert.Regexp(t, "(?m)"+pattern, g.stderr())
	}
}

// systemd names its journal's stream in JOURNAL_STREAM. A pipe can take its part.
func TestLogOfTheJournalHasPriorities(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "journal")
	file, err := os.Create(name)
	require.NoError(t, err)
	defer file.Close()
	var stat syscall.Stat_t
	require.NoError(t, syscall.Fstat(int(file.Fd()), &stat))
	config := configFile(t, "off", program("a", "false").with("restart", "never"))
	g := launch{instead: []string{binary, "--config", config}, stderr: file,
		env: []string{"JOURNAL_STREAM=" + strconv.FormatUint(stat.Dev, 10) + ":" + strconv.FormatUint(stat.Ino, 10)}}.start(t)
	assert.Equal(t, 1, g.status())
	assert.Regexp(t, `(?m)^<6>started service=a pid=\d+$`, contents(t, name))
	assert.Regexp(t, `(?m)^<3>failed: .* service=a`, contents(t, name))
}

// The record of a failure comes after what the service wrote, and contains its last line.
func TestFailureIsLoggedAfterTheLastOutput(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	defer reader.Close()
	crasher := program("a", "sh", "-c", "seq 300; echo reason >&2; exit 3").with("max_restarts", 20).with("backoff", map[string]any{"initial": "5ms", "factor": 1, "max": "5ms"})
	g := launch{args: []string{"--config", configFile(t, "off", crasher)}, stdout: writer, stderr: writer}.start(t)
	require.NoError(t, writer.Close())
	reasons, failures := 0, 0
	for scanner := bufio.NewScanner(reader); scanner.Scan(); {
		line := scanner.Text()
		switch {
		case line == "a | reason":
			reasons++
		case strings.Contains(line, `"exit status 3`), strings.Contains(line, `"failed: exit status 3`):
			failures++
			require.GreaterOrEqual(t, reasons, failures, "the output of each start comes before its record")
			require.Contains(t, line, `"last_output":"reason"`)
		}
	}
	<-g.ended
	assert.Equal(t, 21, failures)
}
