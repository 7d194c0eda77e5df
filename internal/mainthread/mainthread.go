// Package mainthread lets tests call what must be called on the main thread of
// the process, as a kernel of package sys/linux requires. The tests run on
// other goroutines meanwhile:
//
//	func TestMain(m *testing.M) { os.Exit(mainthread.Run(m.Run)) }
package mainthread

import (
	"runtime"
	"syscall"
)

func init() { runtime.LockOSThread() }

var calls = make(chan func())

// Run runs main on a goroutine of its own and makes the calls of Do meanwhile.
// Call it from TestMain.
func Run(main func() int) (status int) {
	done := make(chan int)
	go func() { done <- main() }()
	for {
		select {
		case call := <-calls:
			call()
		case status = <-done:
			return status
		}
	}
}

// Do calls f on the main thread and returns when f has returned, or panics if f
// has. f must not end its goroutine, as the Fatal of a test does.
func Do(f func()) {
	if syscall.Gettid() == syscall.Getpid() {
		f()
		return
	}
	done := make(chan any)
	calls <- func() {
		defer func() { done <- recover() }()
		f()
	}
	if panicked := <-done; panicked != nil {
		panic(panicked)
	}
}
