package live

import (
	"os"
	"runtime"
	"strings"
	"syscall"
)

// holdFirstThread keeps the first thread of the process free of the script, so
// that it can end alone. It does not return. Go may have moved the goroutine of
// main to another thread: then that one is kept busy and another goroutine tried.
func (p *process) holdFirstThread() {
	runtime.LockOSThread()
	if syscall.Gettid() != syscall.Getpid() {
		go p.holdFirstThread()
		select {}
	}
	<-p.headless
	_, _, _ = syscall.Syscall(syscall.SYS_EXIT, 0, 0, 0) // of this thread only
}

// behead ends the first thread and returns when it has ended.
func (p *process) behead() {
	select {
	case <-p.headless:
		return // it has no other
	default:
	}
	close(p.headless)
	for {
		text, err := os.ReadFile("/proc/self/stat")
		if err != nil {
			fail("headless", err)
		}
		if _, state, _ := strings.Cut(string(text), ") "); strings.HasPrefix(state, "Z") {
			return
		}
		runtime.Gosched()
	}
}
