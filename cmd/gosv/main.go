// Command gosv is a process supervisor for Linux.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	chaos "github.com/gosv/gosv/chaos/live"
	"github.com/gosv/gosv/puppet/live"
)

// The supervisor's loop runs on the main thread: adopted orphans become
// children of that thread and services do not, so that the two can be told
// apart by one system call (see sys.Reaper.PeekOrphan).
func init() { runtime.LockOSThread() }

// minProcs is at least one for each thread that may want to run Go: the loop, the
// reader of output and two writers of logs. With fewer, the loop would wait for the
// others to give the right to run Go back, on a machine with one or two processors
// in the middle of a restart.
const minProcs = 8

func init() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(minProcs, runtime.GOMAXPROCS(0)))
	}
}

func main() {
	chaos.Hook() // what starts services under gosv chaos
	live.Hook()  // its bundled services
	root := rootCommand()
	cmd, err := root.ExecuteC()
	var status exitStatus
	switch {
	case err == nil:
		os.Exit(0)
	case errors.As(err, &status):
		os.Exit(int(status))
	default:
		fmt.Fprintf(os.Stderr, "gosv: %v\nRun '%s --help' for usage.\n", err, cmd.CommandPath())
		os.Exit(int(statusUsage))
	}
}
