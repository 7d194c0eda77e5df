package sys

import (
	"syscall"
	"time"
)

// Reason is a set of the causes for which Wait returned. It is a hint without
// payload: after each Wait the caller drains every ready list, so a lost, a
// doubled or a merged reason loses nothing but time.
type Reason uint8

const (
	WokeDeadline Reason = 1 << iota // the time given to Wait has come
	WokeChild                       // a child of gosv changed state (SIGCHLD or a pidfd)
	WokeSpawn                       // Spawned has results
	WokeSignal                      // Signals has signals
	WokeWatch                       // Changed has watches
	WokeWork                        // Finished has results
	WokeCommand                     // Wake was called
)

// Waiter is the one call in which a supervisor blocks.
type Waiter interface {
	// Wait blocks until something happened or until the instant given, and
	// returns at once if that instant has passed or something is already
	// waiting. It may return early and with no reason at all.
	Wait(until time.Duration) Reason
}

// Waker is the only role that other goroutines may call.
type Waker interface {
	// Wake makes the present or the next Wait return with WokeCommand. Calls
	// may merge.
	Wake()
}

// Inbox receives the signals sent to gosv itself.
type Inbox interface {
	// Signals drains the signals that came since the last call, in order of
	// arrival as far as the kernel keeps it. Several of one kind may merge, but
	// no number of one kind makes another one get lost. SIGCHLD never appears
	// here; it is WokeChild.
	Signals() []syscall.Signal
}
