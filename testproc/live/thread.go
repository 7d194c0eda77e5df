package live

import (
	"os"
	"runtime"
	"strings"
	"syscall"
)

// The main goroutine of a test process stays on the first thread of the process, on
// which package initialization runs.
func init() {
	if isTestproc() {
		runtime.LockOSThread()
	}
}

// holdFirstThread keeps the first thread idle, so that it can exit while the script
// runs on another thread. It does not return.
func (p *process) holdFirstThread() {
	<-p.endLeader
	_, _, _ = syscall.Syscall(syscall.SYS_EXIT, 0, 0, 0) // exit(2) ends only this thread
}

// exitFirstThread ends the first thread and returns when it has exited.
func (p *process) exitFirstThread() {
	select {
	case <-p.endLeader:
		return // it has exited already
	default:
	}
	close(p.endLeader)
	for {
		text, err := os.ReadFile("/proc/self/stat")
		if err != nil {
			fail("end-leader", err)
		}
		if _, state, _ := strings.Cut(string(text), ") "); strings.HasPrefix(state, "Z") {
			return
		}
		runtime.Gosched()
	}
}
