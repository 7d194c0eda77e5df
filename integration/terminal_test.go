package integration

import (
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal on which the test types.
type terminal struct {
	t      *testing.T
	master *os.File
	tty    *os.File

	mu   sync.Mutex
	text strings.Builder
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	require.NoError(t, err)
	term := &terminal{t: t, master: master, tty: tty}
	go func() { _, _ = io.Copy(term, master) }()
	t.Cleanup(func() {
		_, _ = tty.Close(), master.Close()
		if t.Failed() {
			t.Logf("the terminal showed:\n%s", term.screen())
		}
	})
	return term
}

// Write implements io.Writer.
func (term *terminal) Write(p []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.text.Write(p)
}

func (term *terminal) screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.text.String()
}

// shows waits until a text was shown n times.
func (term *terminal) shows(text string, n int) {
	term.t.Helper()
	eventually(term.t, "the terminal to show "+text, func() bool { return strings.Count(term.screen(), text) >= n })
}

// types sends keys: \x03 is Ctrl-C.
func (term *terminal) types(keys string) {
	term.t.Helper()
	_, err := term.master.WriteString(keys)
	require.NoError(term.t, err)
}

// foreground is the terminal's foreground process group.
func (term *terminal) foreground() (group int) {
	conn, err := term.master.SyscallConn()
	require.NoError(term.t, err)
	require.NoError(term.t, conn.Control(func(fd uintptr) { group, _ = unix.IoctlGetInt(int(fd), unix.TIOCGPGRP) }))
	return group
}

func (term *terminal) belongsTo(who string, group int) {
	term.t.Helper()
	eventually(term.t, "the terminal to belong to "+who, func() bool { return term.foreground() == group })
}

// stopsBackgroundOutput sets tostop, termios(3).
func (term *terminal) stopsBackgroundOutput() {
	conn, err := term.tty.SyscallConn()
	require.NoError(term.t, err)
	require.NoError(term.t, conn.Control(func(fd uintptr) {
		modes, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		require.NoError(term.t, err)
		modes.Lflag |= unix.TOSTOP
		require.NoError(term.t, unix.IoctlSetTermios(int(fd), unix.TCSETS, modes))
	}))
}

// modes are the modes of the terminal.
func (term *terminal) modes() (modes unix.Termios) {
	conn, err := term.master.SyscallConn()
	require.NoError(term.t, err)
	require.NoError(term.t, conn.Control(func(fd uintptr) {
		now, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		require.NoError(term.t, err)
		modes = *now
	}))
	return modes
}

// on is a launch in a new session whose controlling terminal, stdin and stdout are
// the terminal.
func (l launch) on(term *terminal) launch {
	l.attr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1}
	l.stdout = term.tty
	if l.stdin == nil {
		l.stdin = term.tty
	}
	return l
}

// finds waits for a process of this launch by its name. A child of gosv has gosv's
// name and environment until it executes its program, so a process whose parent has the
// same name does not count.
func (g *gosv) finds(name string) (pid int) {
	g.t.Helper()
	eventually(g.t, "a process called "+name, func() bool {
		for _, p := range marked(g.mark) {
			st, _ := stat(p)
			if parent, _ := stat(st.Ppid); st.Comm == name && parent.Comm != name {
				pid = p
			}
		}
		return pid != 0
	})
	return pid
}
