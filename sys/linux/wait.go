package linux

import (
	"math"
	"math/rand/v2"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// Now implements sys.Clock.
func (k *Kernel) Now() time.Duration { return time.Since(k.origin) }

// Monotonic converts an instant of Now to CLOCK_MONOTONIC, which other programs read
// too.
func (k *Kernel) Monotonic(at time.Duration) time.Duration { return k.monotonic + at }

// Wall implements sys.Clock.
func (k *Kernel) Wall() time.Time { return time.Now() }

// Draw implements sys.Random.
func (k *Kernel) Draw(_ string, n int) int { return rand.IntN(n) }

// Wake implements sys.Waker.
func (k *Kernel) Wake() { k.wake(sys.WokeCommand) }

// asleep stands in Kernel.pending while Wait may block.
const asleep = 1 << 31

// wake writes only for the first reason after the loop went to sleep: further
// ones merge for the price of an atomic operation.
func (k *Kernel) wake(r sys.Reason) {
	if k.pending.Or(uint32(r)) == asleep {
		unix.Write(k.wakeup, one)
	}
}

// Wait implements sys.Waiter by one epoll_wait(2).
func (k *Kernel) Wait(until time.Duration) sys.Reason {
	var woke sys.Reason
	k.fresh = false
	if k.pending.Or(asleep) == 0 && k.Now() < until {
		for err := error(unix.EINTR); err == unix.EINTR && k.pending.Load() == asleep; {
			var n int
			if n, err = epollWait(k.epoll, k.events[:], milliseconds(until-k.Now())); err == nil {
				woke = k.sort(n)
			}
		}
	}
	woke |= sys.Reason(k.pending.Swap(0) &^ asleep)
	if k.Now() >= until {
		woke |= sys.WokeDeadline
		k.fresh = false // this process may have been stopped since epoll was asked
	}
	return woke
}

// milliseconds rounds up, so that a wait never ends just before its deadline
// and the caller does not spin.
func milliseconds(d time.Duration) int {
	switch {
	case d <= 0:
		return 0
	case d > math.MaxInt32*time.Millisecond:
		return -1 // 24 days: as good as for ever
	}
	return int((d + time.Millisecond - 1) / time.Millisecond)
}

// poll takes what epoll has, without waiting.
func (k *Kernel) poll() {
	for k.fresh = false; !k.fresh; {
		n, err := retry(func() (int, error) { return epollWait(k.epoll, k.events[:], 0) })
		if err != nil {
			return
		}
		k.sort(n)
	}
}

// sort puts n events on the ready lists of their roles.
func (k *Kernel) sort(n int) (woke sys.Reason) {
	for _, e := range k.events[:n] {
		switch int(e.Fd) {
		case k.wakeup: // the reason stands in pending
		case k.watches.fd:
			k.watches.ready = true
			woke |= sys.WokeWatch
		default:
			p := k.lookUp(sys.Handle(e.Fd))
			if p != nil && p.generation == uint32(e.Pad) && k.ended(p) {
				woke |= sys.WokeChild
			}
		}
	}
	k.fresh = n < len(k.events)
	return woke
}
