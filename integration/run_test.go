package integration

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/testproc/live"
)

// played is a command line for --run that runs a script.
func played(script string) string {
	path, args := live.Command(script)
	return path + " '" + strings.Join(args, "' '") + "'"
}

func TestRunEndsWithTheStatusOfItsCommand(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain")
	require.NoError(t, os.WriteFile(plain, nil, 0o644))
	for command, want := range map[string]int{
		"true":                      0,
		"sh -c 'exit 7'":            7,
		"sh -c 'kill -TERM \"$$\"'": 143,
		"sh -c 'kill -KILL \"$$\"'": 137,
		"no-such-program-here":      127,
		"/no/such/program":          127,
		plain:                       126,
	} {
		t.Run(filepath.Base(command), func(t *testing.T) {
			t.Parallel()
			g := run(t, command, "--max-restarts", "0")
			assert.Equal(t, want, g.status())
		})
	}
}

func TestRunGivesUpWhenTheFirstStartFails(t *testing.T) {
	t.Parallel()
	g := run(t, "no-such-program-here")
	assert.Equal(t, 127, g.status())
	assert.Empty(t, g.of("no-such-program-here", "restart"))
}

func TestRunRestartsOnFailureAndEndsWithTheLastStatus(t *testing.T) {
	t.Parallel()
	g := run(t, "sh -c 'exit 9'", "--max-restarts", "1")
	assert.Equal(t, 9, g.status())
	assert.Len(t, g.of("sh", "started"), 2)
}

func TestRunInheritsDescriptors(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	_, err = writer.WriteString("through\n")
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	g := launch{args: []string{"--run", "cat"}, stdin: reader}.start(t)
	assert.Zero(t, g.status())
	assert.Equal(t, "through\n", g.stdout())
}

func TestTermEndsRunWithTheStatusOfItsChild(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		want   int
	}{
		"by the signal":     {"print ready; sleep forever", 143},
		"as it chose":       {"on TERM {exit 5}; print ready; sleep forever", 5},
		"well, as it chose": {"on TERM {exit 0}; print ready; sleep forever", 0},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(name+", "+sig.String(), func(t *testing.T) {
				t.Parallel()
				g := run(t, played(c.script))
				g.prints("ready")
				g.signal(sig)
				assert.Equal(t, c.want, g.status())
			})
		}
	}
}

func TestSecondTermKillsRun(t *testing.T) {
	t.Parallel()
	g := run(t, played(ignoring))
	g.prints("ignoring")
	g.signal(syscall.SIGTERM)
	g.says("", "SIGTERM: stopping 1 service", 1)
	time.Sleep(supervisor.ShutdownDebounce)
	g.signal(syscall.SIGTERM)
	assert.Equal(t, 137, g.status())
}
