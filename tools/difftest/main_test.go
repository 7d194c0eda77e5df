package difftest_test

import (
	"os"
	"runtime"
	"testing"

	_ "github.com/gosv/gosv/testproc/live/early"
)

// The main thread belongs to the kernel under test: only there orphans are told
// from children of Spawn. Tests send their work to it.
func init() {
	runtime.LockOSThread()
}

var onMain = make(chan func())

func TestMain(m *testing.M) {
	code := make(chan int)
	go func() { code <- m.Run() }()
	for {
		select {
		case f := <-onMain:
			f()
		case c := <-code:
			os.Exit(c)
		}
	}
}

// mainly runs f on the main thread. What it panics with comes back.
func mainly(f func()) {
	done := make(chan any)
	onMain <- func() {
		defer func() { done <- recover() }()
		f()
	}
	if why := <-done; why != nil {
		panic(why)
	}
}
