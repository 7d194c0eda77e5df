package live

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gosv/gosv/testproc"
)

// block imitates uninterruptible sleep: signals other than KILL and STOP take effect
// when it ends.
func (p *process) block(d time.Duration) {
	held := make(chan os.Signal, 64)
	var fatal []syscall.Signal
	for sig := syscall.SIGHUP; sig <= syscall.SIGSYS; sig++ {
		if testproc.Fatal(sig) && sig != syscall.SIGKILL && !p.signals.ignored[sig] && p.signals.handlers[sig] == nil {
			fatal = append(fatal, sig)
			signal.Ignore(sig) // otherwise Notify assumes that the runtime's handler is installed
			signal.Notify(held, sig)
		}
	}
	time.Sleep(d)
	signal.Stop(held)
	for _, sig := range fatal {
		p.signals.reset(sig)
	}
	for len(held) > 0 {
		raise((<-held).(syscall.Signal))
	}
}
