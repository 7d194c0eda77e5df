package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dump requests a dump and returns it without its first word.
func (g *gosv) dump() string {
	g.t.Helper()
	before := strings.Count(g.stderr(), "\ngosv ")
	g.signal(syscall.SIGUSR1)
	var dumps []string
	eventually(g.t, "the dump", func() bool {
		text := g.stderr()
		dumps = strings.Split(text, "\ngosv ")
		return len(dumps) == before+2 && strings.HasSuffix(text, "\n")
	})
	return dumps[before+1]
}

func TestDumpShowsTheStateOfAService(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, sleeper("a"), program("b", "sh", "-c", "exit 3").with("backoff", map[string]any{"initial": "1h", "max": "1h"}))
		kill(t, g.started("a", 1), syscall.SIGKILL)
		pid := g.started("a", 2)
		settled(t, pid)
		g.says("b", "exit status 3", 1)

		text := g.dump()
		require.Regexp(t, fmt.Sprintf(`^%d: 2 services, 20\d\d-`, g.pid), text)
		a, b, found := strings.Cut(text, "\nb: ")
		require.True(t, found, text)
		for _, want := range []string{
			fmt.Sprintf("\na: running, pid %d, up ", pid), "restarts 1 in all, attempt 1", "last exit: killed by SIGKILL", "sleep 1000",
			fmt.Sprintf("parent %d, group %d", g.pid, pid), "VmRSS ", "open file descriptors: 3", "0 -> /dev/null", "1 -> pipe:[", "2 -> pipe:[",
			"memory maps:", "sleep\n", "[stack]",
		} {
			assert.Contains(t, a, want)
		}
		assert.Regexp(t, `^backoff, next start in (1h0m0s|59m5\d\.)`, b)
		assert.Contains(t, b, "last exit: exit status 3")
		if mode == "off" {
			assert.Contains(t, text, "missing: the configuration has cgroups off\n")
			assert.NotContains(t, text, "cgroup /")
			return
		}
		leaf, err := cgroupOf(pid)
		require.NoError(t, err)
		assert.Contains(t, a, "cgroup "+leaf+"\n")
		assert.Contains(t, a, fmt.Sprintf("processes [%d]", pid))
		assert.Regexp(t, `cpu \S+ \(user \S+, system \S+\)`, a)
	})
}

// Names chosen by a program must not control the terminal or forge a line.
func TestDumpQuotesControlCharacters(t *testing.T) {
	t.Parallel()
	const forged = "\x1b[2J\nb: running, pid 1"
	file := filepath.Join(t.TempDir(), "x"+forged)
	text, err := os.ReadFile("/bin/sleep")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o755))
	const script = `exec 7<"$1" 8<>"$2"; read nothing <&8` // without end
	fifo := filepath.Join(filepath.Dir(file), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	g := supervise(t, "off", program("a", "sh", "-c", script, "sh", file, fifo), program("c", file, "1000"))
	g.started("a", 1)
	settled(t, g.started("c", 1))
	dump := ""
	eventually(t, "the shell to have the file open", func() bool {
		dump = g.dump()
		return strings.Contains(dump, "7 -> ")
	})
	assert.NotContains(t, dump, "\x1b")
	assert.NotContains(t, dump, "\nb: ")
	quoted := strings.Trim(strconv.Quote("x"+forged), `"`)
	assert.Contains(t, dump, `7 -> "`+filepath.Dir(file)+"/"+quoted+`"`)
	assert.Contains(t, dump, quoted+`" 1000`, "the command line")
	assert.Regexp(t, `in +\d+  ".*x\\x1b`, dump, "the maps")
}

func TestDumpIsNotInterleavedWithTheLog(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			services := []service{program("z", "sh", "-c", "exit 1").delays("0s").with("max_restarts", -1)}
			for i := range 10 {
				services = append(services, sleeper(letter(i)))
			}
			config := configFile(t, "off", services...)
			g := launch{args: []string{"--config", config, "--log-format", format}}.start(t)
			eventually(t, "a busy log", func() bool { return strings.Count(g.stderr(), "exit status 1; restart") >= 3 })
			g.signal(syscall.SIGUSR1)
			last := "\n" + letter(9) + ": running"
			eventually(t, "the dump", func() bool { return strings.Contains(g.stderr(), last) })

			_, text, _ := strings.Cut(g.stderr(), "\ngosv ")
			text, _, _ = strings.Cut(text, last)
			assert.NotContains(t, text, "; restart ")
			assert.NotContains(t, text, "started")
			assert.Len(t, regexp.MustCompile(`(?m)^\w+: (running|backoff|starting)`).FindAllString(text, -1), 1+9)
		})
	}
}

var mappingLine = regexp.MustCompile(`(?m)^ +[0-9a-f]{12,}-[0-9a-f]{12,} [r-][w-][x-][ps] [0-9a-f]{8} `)

func TestDumpMapsListsEachMapping(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		config := configFile(t, "off", sleeper("a"))
		g := launch{args: []string{"--config", config, fmt.Sprintf("--dump-maps=%v", full)}}.start(t)
		pid := g.started("a", 1)
		settled(t, pid)
		maps := strings.Count(contents(t, fmt.Sprintf("/proc/%d/maps", pid)), "\n")
		if !full {
			maps = 0
		}
		assert.Len(t, mappingLine.FindAllString(g.dump(), -1), maps)
	}
}

func TestDumpNamesMissingControllers(t *testing.T) {
	t.Parallel()
	lacksMemory(t)
	g := supervise(t, "auto", sleeper("a"))
	g.started("a", 1)
	assert.Regexp(t, `\n  missing: .*memory`, g.dump())
}
