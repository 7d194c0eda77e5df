package linux

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

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
	takes := make([]func(), len(wanted)) // all are made first: a caught signal is not ignored any more
	for i, s := range wanted {
		takes[i] = k.take(s)
	}
	for i, s := range wanted {
		if takes[i] != nil {
			k.catch(s, takes[i])
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

// take returns what is done when a wanted signal comes; nil: it is not caught. A HUP
// that the parent ignored stays ignored, by services too (nohup(1)). An INT or QUIT that
// the parent ignored is dropped instead: a shell without job control ignores both for what
// it starts in the background, so that keys do not reach that, and no key reaches services.
// After a caught TSTP without a terminal nothing could continue gosv.
func (k *Kernel) take(s syscall.Signal) func() {
	switch {
	case s == syscall.SIGHUP && inheritedIgnored(s), s == syscall.SIGTSTP && (k.terminal.fd < 0 || signal.Ignored(s)):
		return nil
	case (s == syscall.SIGINT || s == syscall.SIGQUIT) && inheritedIgnored(s):
		return func() {}
	}
	return func() {
		k.inbox.put(s)
		k.wake(sys.WokeSignal)
	}
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
