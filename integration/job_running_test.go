package integration

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// toForeground starts a job in the background and brings it to the foreground
// while it runs: bash then gives it the terminal and nothing else; dash sends a
// CONT, too. The child prints $READY, and does not read.
func toForeground(t *testing.T, shell *gosv, term *terminal, script string) (supervisor int) {
	t.Helper()
	term.types(binary + ` --run "` + played(script) + `" &` + "\n")
	supervisor = shell.finds("gosv")
	term.shows("ready", 1)
	fg(term, shell)
	return supervisor
}

func fg(term *terminal, shell *gosv) {
	term.t.Helper()
	term.types("fg\n")
	eventually(term.t, "the terminal to belong to the job", func() bool { return term.foreground() != shell.pid })
}

func endsWith(term *terminal, shell *gosv, status string) {
	term.t.Helper()
	term.belongsTo("the shell", shell.pid)
	term.types("echo status=$?\n")
	term.shows("status="+status, 1)
}

func TestCtrlCEndsAJobBroughtToTheForeground(t *testing.T) {
	for name, c := range map[string]struct{ key, status string }{"Ctrl-C": {"\x03", "130"}, "Ctrl-backslash": {"\x1c", "131"}} {
		t.Run(name, func(t *testing.T) {
			inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
				toForeground(t, shell, term, "print $READY; sleep forever")
				term.types(c.key)
				endsWith(term, shell, c.status)
				assert.NotContains(t, term.screen(), "restart 1")
			})
		})
	}
}

func TestKeysAreForwardedToAChildThatHandlesThem(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		supervisor := toForeground(t, shell, term, "on INT {print $CAUGHT}; print $READY; sleep forever")
		for n := range 3 {
			term.types("\x03")
			term.shows("caught", n+1)
		}
		assert.Equal(t, supervisor, term.foreground(), "the child did not ask for the terminal")
		kill(t, supervisor, syscall.SIGTERM)
		endsWith(term, shell, "143")
	})
}

func TestCtrlZStopsAJobBroughtToTheForeground(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + " --run 'sleep 1000' &\n")
		supervisor, sleep := shell.finds("gosv"), shell.finds("sleep")
		fg(term, shell)
		term.types("\x1a")
		term.belongsTo("the shell", shell.pid)
		eventually(t, "both to be stopped", func() bool { return state(sleep) == 'T' && state(supervisor) == 'T' })
		term.types("fg\n")
		term.belongsTo("gosv", supervisor)
		term.types("\x03")
		endsWith(term, shell, "130")
	})
}

func TestReadingChildGetsTheTerminal(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + ` --run "sh -c 'while ! test -e go; do sleep 0.01; done; exec cat'" &` + "\n")
		supervisor := shell.finds("gosv")
		shell.finds("sh")
		fg(term, shell)
		require.NoError(t, os.WriteFile(filepath.Join(shell.cmd.Dir, "go"), nil, 0o600))
		cat := shell.finds("cat")
		term.belongsTo("cat", cat)
		echoes(term, "hello")
		sleeps(t, supervisor)
		term.types("\x04")
		endsWith(term, shell, "0")
		assert.NotContains(t, strings.ToLower(term.screen()), "stopped")
	})
}

func TestChildThatSetsTerminalModesGetsTheTerminal(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + ` --run "sh -c 'while ! test -e go; do sleep 0.01; done; stty -echo; echo $READY; exec tail -f /dev/null'" &` + "\n")
		supervisor := shell.finds("gosv")
		shell.finds("sh")
		fg(term, shell)
		require.NoError(t, os.WriteFile(filepath.Join(shell.cmd.Dir, "go"), nil, 0o600))
		term.belongsTo("tail", shell.finds("tail"))
		term.shows("ready", 1)
		sleeps(t, supervisor)
		term.types("\x03")
		endsWith(term, shell, "130")
	})
}

func TestInterruptByKillStopsTheService(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + ` --run "` + played("on INT {print $CAUGHT}; print $READY; sleep forever") + `" &` + "\n")
		supervisor := shell.finds("gosv")
		term.shows("ready", 1)
		kill(t, supervisor, syscall.SIGINT)
		eventually(t, "gosv to end", func() bool { return !alive(supervisor) })
		assert.NotContains(t, term.screen(), "caught", "it had its stop signal, and no INT")
	})
}

// sleeps waits until a process sleeps: it is neither stopped nor busy.
func sleeps(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "process "+itoa(pid)+" to sleep", func() bool { return state(pid) == 'S' })
}
