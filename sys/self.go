package sys

import "syscall"

// Self is gosv's own process.
type Self interface {
	// Pid is gosv's own PID, 1 in a container of its own.
	Pid() int
	// BecomeSubreaper makes orphaned descendants children of gosv
	// (prctl(2), PR_SET_CHILD_SUBREAPER). PID 1 always adopts them.
	BecomeSubreaper() error
}

// Terminal is gosv's controlling terminal (/dev/tty), whatever stdin is, and job
// control on it. Without a terminal every method but Stopped returns ENOTTY, and EIO
// after the terminal has hung up.
type Terminal interface {
	// Foreground returns the terminal's foreground process group and whether
	// that is gosv's own.
	Foreground() (pgid int, own bool, err error)
	// SetForeground gives the terminal to a process group; 0 is gosv's own.
	// SIGTTOU does not stop gosv meanwhile. A process group outside of gosv's PID
	// namespace has no number, and could not be given the terminal back: gosv
	// makes a group of its own before it gives the terminal away.
	SetForeground(pgid int) error
	// Modes returns the modes of the terminal (tcgetattr(3)).
	Modes() (syscall.Termios, error)
	// SetModes sets them at once (tcsetattr(3), TCSANOW). SIGTTOU does not stop
	// gosv meanwhile.
	SetModes(syscall.Termios) error
	// Stopped reports, once, that the child was stopped by a signal (WSTOPPED).
	// ECHILD: it has ended.
	Stopped(Handle) (sig syscall.Signal, stopped bool, err error)
	// StopSelf stops gosv's own process group (SIGTSTP, as the terminal would)
	// and returns true when it was continued. It returns false if gosv was not
	// stopped, because no shell could continue it. A SIGTSTP from elsewhere comes
	// in Inbox if there is a terminal, and stops nothing by itself.
	StopSelf() (stopped bool, err error)
}

// Kernel is every role. A supervisor uses them all; any other user asks for
// the roles that it needs.
type Kernel interface {
	Clock
	Random
	Waiter
	Waker
	Inbox
	Spawner
	Reaper
	Signaler
	Files
	Watcher
	Worker
	Self
	Terminal
}
