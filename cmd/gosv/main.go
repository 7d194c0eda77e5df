// Command gosv is a process supervisor for Linux.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"

	chaos "github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/sys/linux"
	"github.com/gosv/gosv/testproc/live"
)

// The supervisor's loop runs on the main thread: adopted orphans become
// children of that thread and services do not, so that one system call
// distinguishes them (see sys.Reaper.Orphans).
func init() { runtime.LockOSThread() }

// procs is how many threads may run Go at a time: more than there are threads with work.
// With fewer, a thread that returns from the kernel waits until another one gives up its
// right to run Go, and on a busy machine the kernel may not run that one for a while:
// beside eight busy loops on two CPUs the median restart took 7 to 69 ms with 2, and 12 ms
// with 8.
const procs = 8

// beSupervisor sets Go up for a program that others rely on.
func beSupervisor() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(procs)
	}
	// If gosv crashes, it dies by SIGABRT: Go's status for that, 2, is the one for a
	// wrong command line, which nobody need try again.
	debug.SetTraceback("crash")
}

// errWriter is a writer that remembers its first error, for callers that do not look.
type errWriter struct {
	w   io.Writer
	err error
}

func (k *errWriter) Write(text []byte) (int, error) {
	n, err := k.w.Write(text)
	if k.err == nil {
		k.err = err
	}
	return n, err
}

func main() {
	chaos.RunIfRequested() // the wrappers that start services under gosv chaos
	live.RunIfRequested()  // the built-in services of gosv chaos
	root := rootCommand()
	out := &errWriter{w: os.Stdout}
	root.SetOut(out)
	strictHelp(root)
	cmd, err := root.ExecuteC()
	var status exitStatus
	var death deathBySignal
	switch {
	case out.err != nil:
		fmt.Fprintf(os.Stderr, "gosv: cannot write the output: %v\n", out.err)
		os.Exit(int(statusOutput))
	case err == nil:
		os.Exit(0)
	case errors.As(err, &death):
		linux.DieOf(syscall.Signal(death))
	case errors.As(err, &status):
		os.Exit(int(status))
	default:
		fmt.Fprintf(os.Stderr, "gosv: %v\nRun '%s --help' for usage.\n", err, cmd.CommandPath())
		os.Exit(int(statusUsage))
	}
}
