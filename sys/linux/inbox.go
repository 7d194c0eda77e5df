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

// FaultSignals are those that the kernel sends for a fault of the program. Caught,
// they come in Inbox when another process sends them (kill(2), tgkill(2)); a fault of
// this program still ends it. Uncaught, Go mistakes the one for the other.
var FaultSignals = []syscall.Signal{
	syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSTKFLT, syscall.SIGSYS,
}

// inbox holds the signals that came and were not drained yet. Each kind has a
// channel of its own: package os/signal drops a signal for which there is no room, and
// a flood of one kind must not take the room of another.
type inbox struct {
	channels []chan os.Signal
	takers   sync.WaitGroup

	mu      sync.Mutex
	pending []syscall.Signal
}

// catchSignals catches SIGCHLD and SIGPIPE always: the one wakes the loop, the
// other is dropped. It must not be ignored, since children would inherit that.
func (k *Kernel) catchSignals(wanted []syscall.Signal) {
	if wanted == nil {
		wanted = DefaultSignals
	}
	k.catch(syscall.SIGPIPE, func() {})
	k.catch(syscall.SIGCHLD, func() { k.wake(sys.WokeChild) })
	for _, s := range wanted {
		if mayCatch(s) {
			k.catch(s, func() {
				k.inbox.put(s)
				k.wake(sys.WokeSignal)
			})
		}
	}
}

// catch has take called after one or more signals of a kind.
func (k *Kernel) catch(s syscall.Signal, take func()) {
	came := make(chan os.Signal, 1)
	k.inbox.channels = append(k.inbox.channels, came)
	signal.Notify(came, s)
	k.inbox.takers.Go(func() {
		for range came {
			take()
		}
	})
}

// mayCatch reports whether gosv is to catch a signal that is wanted. A HUP that is
// ignored already is meant to stay so (nohup(1)), and after a caught TSTP without a
// terminal nothing could continue gosv. An ignored INT or QUIT is caught all the same:
// a shell without job control ignores them for all that it starts in the background, and
// when a script that started gosv is interrupted, its services must not live on.
func mayCatch(s syscall.Signal) bool {
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
	for _, came := range k.inbox.channels {
		signal.Stop(came)
		close(came)
	}
	k.inbox.takers.Wait()
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
