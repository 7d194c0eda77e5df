package systest

import (
	"syscall"
	"testing"

	"github.com/gosv/gosv/sys"
)

// World is a machine for one case, with nothing running on it yet but gosv's own
// process, which is the test. It is given up by t.Cleanup.
type World struct {
	// Kernel is what is tested. Its Inbox delivers at least HUP, USR1 and USR2.
	Kernel sys.Kernel

	// Testproc tells how to start a process that runs a script of package testproc:
	// an absolute path, and the arguments after argv[0].
	Testproc func(script string) (path string, args []string)
	// Reopened is a path to the program of Testproc that every user can execute.
	Reopened string
	// File makes a file, or a name without one, that behaves as its kind says.
	File func(Kind) string
	// Cgroup makes a fresh, empty directory of the cgroup v2 file system that
	// gosv may make directories in. It is removed with all below when the case is
	// over. Where there is no such thing, the case is skipped with a reason.
	Cgroup func(*testing.T) string

	// SignalSelf sends a signal to gosv itself.
	SignalSelf func(syscall.Signal)
	// Send is the kill of a stranger.
	Send func(pid int, sig syscall.Signal)
	// AllStopped reports whether every thread of a process has stopped; /proc/PID/stat
	// shows T as soon as the first has.
	AllStopped func(pid int) bool

	// NextPid makes the kernel give this number to the next process, if it is
	// free; anybody on the machine may be that process. An error says why it
	// cannot, and the case is skipped with it.
	NextPid func(pid int) error
}

// Kind is what a name in the file system leads to.
type Kind uint8

const (
	Missing            Kind = iota // nothing: ENOENT
	NotExecutable                  // a file without permission to execute: EACCES
	Empty                          // an executable file with nothing in it: ENOEXEC
	MissingInterpreter             // a script whose #! line names a file that is not there: ENOENT
	Busy                           // a program that somebody has open for writing: ETXTBSY
	Dir                            // a directory: EACCES to execute
	Looping                        // a symbolic link to itself: ELOOP
	BelowFile                      // a name below a file that is no directory: ENOTDIR
	LongName                       // a name of 256 bytes: ENAMETOOLONG
)
