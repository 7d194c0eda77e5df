package live

import (
	"fmt"
	"os"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/testproc"
)

// recordStopDispositions records which main processes their stop signal would end at once. A
// process that is not stable yet may still be about to install a handler.
func (o *observer) recordStopDispositions(stopSignal map[string]syscall.Signal) {
	o.mu.Lock()
	defer o.mu.Unlock()
	at := o.now()
	for _, l := range o.living {
		if sig, known := stopSignal[l.Service]; known && at-l.FirstSeen >= stableTime {
			l.DiesOnStopSignal = diesOn(l.Pid, sig) && !hasExited(l.fd)
		}
	}
}

// diesOn reports whether a signal has its default action on a process, is not blocked, and
// ends the process.
func diesOn(pid int, sig syscall.Signal) bool {
	if !testproc.Fatal(sig) {
		return false
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	st, err := procfs.ParseStatus(text)
	return err == nil && (st.Blocked|st.Ignored|st.Caught)&(1<<(sig-1)) == 0
}
