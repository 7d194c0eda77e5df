// Package live runs testproc scripts as real Linux processes. A test process is the
// importing program itself, executed again with other arguments:
//
//	func TestMain(m *testing.M) {
//		live.RunIfRequested()
//		os.Exit(m.Run())
//	}
package live

import (
	"os"
	"runtime"
	"syscall"

	"github.com/gosv/gosv/testproc"
)

// marker is the first argument of a process that runs a script.
const marker = "testproc"

// RunIfRequested runs the script of the command line and does not return, if this
// process was started by [Command]. Otherwise it does nothing. Call it first in main
// or TestMain.
func RunIfRequested() {
	if isTestproc() {
		run(os.Args[2])
	}
}

func isTestproc() bool { return len(os.Args) >= 3 && os.Args[1] == marker }

// Command returns the command line of a process that runs the script. The program is
// the running one, which must call RunIfRequested.
func Command(script string) (path string, args []string) {
	path, err := os.Executable()
	if err != nil {
		panic(err) // without /proc nothing in this package works
	}
	return path, []string{marker, script}
}

// run runs the script and exits. If the script cannot be parsed, it prints the error
// and exits with status 2.
func run(script string) {
	ops, err := testproc.Parse(script)
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		exit(2)
	}
	p := &process{signals: newSignals(), endLeader: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // the kernel lists children by the thread that forked them; one thread keeps them in order when they are reparented
		first := p.inherit(ops)
		p.run(ops[first:])
		exit(0)
	}()
	p.holdFirstThread()
}

// exit is _exit(2): os.Exit makes the race detector wait for a second.
func exit(code int) { syscall.Exit(code) }
