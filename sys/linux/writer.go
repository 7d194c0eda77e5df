package linux

import (
	"io"
	"runtime"

	"golang.org/x/sys/unix"
)

// IsTerminal tells whether a descriptor is a terminal.
func IsTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// TerminalWriter writes to a descriptor that may be a terminal whose foreground
// group is another one, as when a child has been lent it: a terminal set to
// tostop would stop the writer by SIGTTOU, unless the thread that writes has that
// signal blocked (termios(3)). The signal is never ignored, since children would
// inherit that.
func TerminalWriter(fd int) io.Writer {
	if !IsTerminal(fd) {
		return plainWriter(fd)
	}
	return terminalWriter(fd)
}

type plainWriter int

func (w plainWriter) Write(p []byte) (int, error) {
	n, err := retry(func() (int, error) { return unix.Write(int(w), p) })
	return max(n, 0), err // unix.Write says -1, which io.Writer does not allow
}

type terminalWriter int

func (w terminalWriter) Write(p []byte) (n int, err error) {
	err = withoutTTOU(func() (err error) {
		n, err = plainWriter(w).Write(p)
		return err
	})
	return n, err
}

// withoutTTOU runs f on a thread that has SIGTTOU blocked meanwhile.
func withoutTTOU(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var block, before unix.Sigset_t
	block.Val[0] = 1 << (unix.SIGTTOU - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &block, &before); err != nil {
		return err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	return f()
}
