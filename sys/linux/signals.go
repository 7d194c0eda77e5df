package linux

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// FaultSignals are those of faults of a program. Caught, they come in Inbox when
// somebody sends them (kill(2), tgkill(2)); a fault of this program itself ends
// it as ever. Uncaught, Go takes the one for the other.
var FaultSignals = []syscall.Signal{
	syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS,
}

// inbox holds the signals that came and were not asked for yet.
type inbox struct {
	ch   chan os.Signal
	done chan struct{}

	child sigaction // Go's, of SIGCHLD

	mu      sync.Mutex
	pending []syscall.Signal
}

// catchSignals catches SIGCHLD and SIGPIPE always: the one wakes the loop, the
// other is dropped. It must not be ignored, since children would inherit that.
func (k *Kernel) catchSignals(wanted []syscall.Signal) {
	if wanted == nil {
		wanted = DefaultSignals
	}
	// One of each kind at a time is certain to find room.
	k.inbox.ch, k.inbox.done = make(chan os.Signal, 64), make(chan struct{})
	signal.Notify(k.inbox.ch, syscall.SIGPIPE)
	for _, s := range wanted {
		if isOurs(s) {
			signal.Notify(k.inbox.ch, s)
		}
	}
	k.catchChild()
	go k.takeSignals()
}

// isOurs tells whether a signal that is wanted is to be caught here. HUP that is
// ignored already is somebody's wish (nohup(1)), and with TSTP nobody could continue
// gosv. INT and QUIT are no wish: a shell without job control ignores them for all that
// it starts in the background. Then they are caught nevertheless: when a script that
// started gosv is interrupted, its services must not live on.
func isOurs(s syscall.Signal) bool {
	switch s {
	case syscall.SIGHUP:
		return !signal.Ignored(s)
	case syscall.SIGTSTP:
		_, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP)
		return err == nil && !signal.Ignored(s)
	}
	return true
}

func (k *Kernel) releaseSignals() {
	k.releaseChild()
	signal.Stop(k.inbox.ch)
	close(k.inbox.ch)
	<-k.inbox.done
}

func (k *Kernel) takeSignals() {
	defer close(k.inbox.done)
	for s := range k.inbox.ch {
		switch s := s.(syscall.Signal); s {
		case syscall.SIGPIPE:
		default:
			k.inbox.put(s)
			k.wake(sys.WokeSignal)
		}
	}
}

// put merges a signal with one of its kind, as the kernel does.
func (i *inbox) put(s syscall.Signal) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !slices.Contains(i.pending, s) {
		i.pending = append(i.pending, s)
	}
}

// Signals implements sys.Inbox.
func (k *Kernel) Signals() []syscall.Signal {
	k.inbox.mu.Lock()
	defer k.inbox.mu.Unlock()
	came := k.inbox.pending
	k.inbox.pending = nil
	return came
}
