package live

import (
	"os"
	"runtime"
	"strings"
	"syscall"
)

// Before main begins, its goroutine runs on the first thread of the process. That of a
// testproc stays there.
func init() {
	if isTestproc() {
		runtime.LockOSThread()
	}
}

// holdFirstThread keeps the first thread free of the script, so that it can end alone.
// It does not return.
func (p *process) holdFirstThread() {
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
