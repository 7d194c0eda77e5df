package linux

import (
	"io"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// IsTerminal reports whether a descriptor is a terminal.
func IsTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// TerminalWriter returns a writer for a descriptor that may be a terminal. A terminal
// set to tostop stops a writer outside of its foreground process group by SIGTTOU,
// unless the writing thread blocks that signal (termios(3)). The signal is never
// ignored, because children would inherit that.
func TerminalWriter(fd int) io.Writer {
	if !IsTerminal(fd) {
		return plainWriter(fd)
	}
	return terminalWriter(fd)
}

type plainWriter int

func (w plainWriter) Write(p []byte) (int, error) {
	// write(2) may accept less than all, without an error; io.Writer may not.
	written := 0
	for written < len(p) {
		n, err := retry(func() (int, error) { return unix.Write(int(w), p[written:]) })
		if err != nil {
			return written, err // unix.Write returned -1
		}
		if n == 0 {
			return written, io.ErrNoProgress
		}
		written += n
	}
	return written, nil
}

type terminalWriter int

func (w terminalWriter) Write(p []byte) (n int, err error) {
	err = withBlocked(unix.SIGTTOU, func() (err error) {
		n, err = plainWriter(w).Write(p)
		return err
	})
	return n, err
}

// withBlocked runs f on a thread that has a signal blocked meanwhile.
func withBlocked(sig syscall.Signal, f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var block, before unix.Sigset_t
	block.Val[0] = 1 << (sig - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &block, &before); err != nil {
		return err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	return f()
}
