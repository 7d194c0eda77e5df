package integration

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestRunOnATerminalIsTheForegroundJob(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys string
		want int
	}{"Ctrl-C": {"\x03", 130}, "Ctrl-\\": {"\x1c", 131}, "Ctrl-D": {"\x04", 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := newTerminal(t)
			g := launch{args: []string{"--run", "cat"}}.on(term).start(t)
			term.belongsTo("cat", g.started("cat", 1))
			term.types("hello\n")
			term.shows("hello\r\n", 2) // the terminal's echo, and cat's

			term.types(c.keys)
			assert.Equal(t, c.want, g.status())
			assert.Len(t, g.of("cat", "started"), 1, "it is not restarted")
			for _, said := range g.log() {
				assert.Equal(t, "INFO", said.Level, said.Msg)
			}
		})
	}
}

// A command that catches INT, cleans up and exits was ended by its user.
func TestChildThatCatchesCtrlCIsNotRestarted(t *testing.T) {
	t.Parallel()
	for _, code := range []int{130, 1} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			term := newTerminal(t)
			script := fmt.Sprintf("on INT {exit %d}; print ready; sleep forever", code)
			g := launch{args: []string{"--run", played(script), "--max-restarts", "1"}}.on(term).start(t)
			term.shows("ready", 1)
			term.types("\x03")
			assert.Equal(t, code, g.status())
			assert.NotContains(t, g.stderr(), "restart 1 of 1")
		})
	}
}

func TestChildThatHandlesCtrlCKeepsRunning(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	g := launch{args: []string{"--run", played("on INT {print caught}; print ready; sleep forever")}}.on(term).start(t)
	term.shows("ready", 1)
	for n := range 3 {
		term.types("\x03")
		term.shows("caught", n+1)
	}
	g.signal(syscall.SIGTERM)
	assert.Equal(t, 143, g.status())
}

func TestRestartedChildGetsTheTerminal(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	g := launch{args: []string{"--run", "cat"}}.on(term).start(t)
	first := g.started("cat", 1)
	term.belongsTo("cat", first)
	kill(t, first, syscall.SIGKILL)
	term.belongsTo("gosv while it waits", g.pid)
	term.belongsTo("the second cat", g.started("cat", 2))
	term.types("hello\n")
	term.shows("hello\r\n", 2)
	term.types("\x03")
	assert.Equal(t, 130, g.status())
}

func TestCtrlCDuringBackoffEndsGosv(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	g := launch{args: []string{"--run", "sh -c 'exit 3'"}}.on(term).start(t)
	g.says("sh", "restart 2 of 5", 1)
	term.types("\x03")
	assert.Equal(t, 130, g.status(), "a person ended the whole")
}

func TestTostopDoesNotStopGosv(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	term.stopsBackgroundOutput()
	g := launch{args: []string{"--run", "cat"}, stderr: term.tty}.on(term).start(t)
	cat := g.finds("cat")
	term.belongsTo("cat", cat)
	settled(t, cat)
	g.signal(syscall.SIGUSR1)
	term.shows("open file descriptors: 3", 1)
	assert.NotEqual(t, byte('T'), state(g.pid))
	term.types("\x03")
	assert.Equal(t, 130, g.status())
}

func TestConfigurationNeverGivesTheTerminal(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	config := configFile(t, "off", sleeper("a"))
	g := launch{args: []string{"--config", config}}.on(term).start(t)
	g.started("a", 1)
	assert.Equal(t, g.pid, term.foreground())
	term.types("\x03")
	assert.Zero(t, g.status())
}

// inShells runs a test in interactive shells with job control. They have words
// for scripts to print that are not in the command line as it is echoed: $READY
// and $CAUGHT.
func inShells(t *testing.T, test func(t *testing.T, shell *gosv, term *terminal)) {
	t.Parallel()
	for name, args := range map[string][]string{"bash": {"--norc", "--noprofile", "-i"}, "dash": {"-i"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(name)
			if err != nil {
				t.Skipf("there is no %s here", name)
			}
			term := newTerminal(t)
			shell := launch{instead: append([]string{path}, args...), stderr: term.tty, env: []string{"PS1=> ", "ENV=", "HISTFILE=", "READY=ready", "CAUGHT=caught"}}.on(term).start(t)
			term.shows("> ", 1)
			test(t, shell, term)
			term.belongsTo("the shell", shell.pid)
			term.types("exit\n")
			shell.status()
		})
	}
}

// echoes types a line that comes back from cat.
func echoes(term *terminal, word string) {
	term.t.Helper()
	before := strings.Count(term.screen(), word+"\r\n")
	term.types(word + "\n")
	term.shows(word+"\r\n", before+2)
}

func TestCtrlZStopsTheJobAndFgContinuesIt(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + " --run cat\n")
		supervisor, cat := shell.finds("gosv"), shell.finds("cat")
		term.belongsTo("cat", cat)
		echoes(term, "one")

		for _, word := range []string{"two", "three"} {
			term.types("\x1a")
			term.belongsTo("the shell", shell.pid)
			eventually(t, "both to be stopped", func() bool { return state(cat) == 'T' && state(supervisor) == 'T' })
			term.types("fg\n")
			term.belongsTo("cat", cat)
			echoes(term, word)
		}

		term.types("\x04")
		term.belongsTo("the shell", shell.pid)
		term.types("echo status=$?\n")
		term.shows("status=0", 1)
	})
}

func TestBgContinuesAStoppedJob(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + ` --run "sh -c 'read x; exec sleep 1000'"` + "\n")
		supervisor := shell.finds("gosv")
		eventually(t, "the child to have the terminal", func() bool { return term.foreground() != supervisor && term.foreground() != shell.pid })
		term.types("go\n")
		sleep := shell.finds("sleep")
		term.types("\x1a")
		term.belongsTo("the shell", shell.pid)
		eventually(t, "both to be stopped", func() bool { return state(sleep) == 'T' && state(supervisor) == 'T' })
		term.types("bg\n")
		eventually(t, "both to go on", func() bool { return state(sleep) == 'S' && state(supervisor) == 'S' })
		assert.Equal(t, shell.pid, term.foreground(), "in the background it touches no terminal")
		kill(t, supervisor, syscall.SIGTERM)
		eventually(t, "gosv to end", func() bool { return !alive(supervisor) })
	})
}

func TestBackgroundJobComesToTheForeground(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + " --run cat &\n")
		supervisor, cat := shell.finds("gosv"), shell.finds("cat")
		// cat reads the terminal from the background and is stopped (SIGTTIN).
		eventually(t, "both to be stopped", func() bool { return state(cat) == 'T' && state(supervisor) == 'T' })
		assert.Equal(t, shell.pid, term.foreground())
		// A shell that has not noticed the stop yet gives the terminal, but sends no CONT.
		eventually(t, "the shell to notice", func() bool {
			term.types("jobs\n")
			return strings.Contains(term.screen(), "Stopped") || strings.Contains(term.screen(), "Suspended")
		})
		term.types("fg\n")
		term.belongsTo("cat", cat)
		echoes(term, "hello")
		term.types("\x03")
		term.belongsTo("the shell", shell.pid)
		term.types("echo status=$?\n")
		term.shows("status=130", 1)
	})
}

// Without job control a script and its commands are one process group: Ctrl-C must end them
// all, and a command that asks at /dev/tty must get its answer, whatever stdin is.
func TestScriptsAndPipelines(t *testing.T) {
	asks := `'sh -c "head -n 1 < /dev/tty"'`
	for name, c := range map[string]struct{ line, keys, want string }{
		"stdin is a file":      {binary + " --run " + asks + " < /dev/null; echo done=$?\n", "word\n", "done=0"},
		"stdin is a pipe":      {"echo data | " + binary + " --run " + asks + "; echo done=$?\n", "word\n", "done=0"},
		"Ctrl-C ends a script": {`sh -c '` + binary + ` --run "sh -c \"echo up; exec sleep 1000\""; echo not""reached'` + "\n", "\x03", "status=130"},
	} {
		t.Run(name, func(t *testing.T) {
			inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
				term.types(c.line)
				shell.finds("gosv")
				if c.keys == "\x03" {
					shell.finds("sleep")
				} else {
					eventually(t, "the command to have the terminal", func() bool { return term.foreground() != shell.pid })
				}
				term.types(c.keys)
				if c.keys == "\x03" {
					term.belongsTo("the shell", shell.pid)
					term.types("echo status=$?\n")
				}
				term.shows(c.want, 1)
				assert.NotContains(t, term.screen(), "notreached")
			})
		})
	}
}

func TestPagerOfThePipelineReadsTheTerminal(t *testing.T) {
	inShells(t, func(t *testing.T, shell *gosv, term *terminal) {
		term.types(binary + ` --run "sh -c 'echo hello; exec sleep 1000'" 2>log | sh -c 'read first; read key < /dev/tty; echo $first-$key'` + "\n")
		shell.finds("sleep")
		term.types("q\n")
		term.shows("hello-q", 1)
		term.types("\x03")
	})
}

func TestCommandThatDiesInRawModeLeavesTheTerminalSane(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	g := launch{args: []string{"--run", `sh -c 'stty raw -echo; kill -KILL $$'`, "--max-restarts", "1"}}.on(term).start(t)
	g.says("sh", "restart 1 of 1", 1)
	modes := term.modes()
	assert.NotZero(t, modes.Lflag&unix.ECHO)
	assert.NotZero(t, modes.Lflag&unix.ISIG)
	assert.Equal(t, 137, g.status())
	assert.Equal(t, modes, term.modes())
}

func TestServiceHasNoTerminal(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	config := configFile(t, "off", service{"name": "a", "command": "sh", "args": []string{"-c", "exec 3</dev/tty"}, "restart": "never"})
	g := launch{args: []string{"--config", config}}.on(term).start(t)
	assert.Equal(t, 1, g.status())
	assert.Contains(t, g.stderr()+term.screen(), "/dev/tty")
}

func TestHangUpEndsServices(t *testing.T) {
	t.Parallel()
	term := newTerminal(t)
	g := launch{args: []string{"--config", configFile(t, "off", sleeper("a"))}}.on(term).start(t)
	g.started("a", 1)
	g.signal(syscall.SIGHUP)
	assert.True(t, alive(g.pid), "a HUP while there is a terminal is no end")
	require.NoError(t, term.master.Close())
	_, _ = term.tty.WriteString("x") // ends the read of the terminal's own reader, so that the file is closed
	assert.Zero(t, g.status())
}
