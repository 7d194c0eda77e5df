// Package live runs testproc scripts as real Linux processes. The program that
// imports it plays the testprocs itself, started again with other arguments:
//
//	func TestMain(m *testing.M) {
//		live.Hook()
//		os.Exit(m.Run())
//	}
package live

import (
	"os"
	"runtime"
	"syscall"

	"github.com/gosv/gosv/testproc"
)

// word is the first argument of a process that is a testproc.
const word = "testproc"

// Hook makes this process a testproc if it was started as one, and then does not
// return. It belongs at the very beginning of main or TestMain.
func Hook() {
	if isTestproc() {
		play(os.Args[2])
	}
}

func isTestproc() bool { return len(os.Args) >= 3 && os.Args[1] == word }

// Command tells what to start for a process that runs the script: the running
// program, which has to call Hook.
func Command(script string) (path string, args []string) {
	path, err := os.Executable()
	if err != nil {
		panic(err) // no /proc: nothing here could work
	}
	return path, []string{word, script}
}

// play runs the script as the whole rest of this process. A script that cannot
// be read ends it with 2, and a word on stderr.
func play(script string) {
	ops, err := testproc.Parse(script)
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		exit(2)
	}
	p := &process{signals: newSignals(), headless: make(chan struct{})}
	go func() {
		runtime.LockOSThread() // children belong to the thread that forked them: these stay in their order when they are orphaned
		first := p.inherit(ops)
		p.run(ops[first:])
		exit(0)
	}()
	p.holdFirstThread()
}

// exit is _exit(2) at once: os.Exit would let the race detector linger for a second.
func exit(code int) { syscall.Exit(code) }
