package linux

import (
	"sync"
	"time"
)

// maxHands is how many threads are kept for what may hang, where there is room.
const maxHands = 8

// aside runs what may hang in the kernel, a read of /proc or of a dead disk, each on
// a thread of its own. There are as many of these at a time as threads are held for
// them; more are made while all of them hang, and only if the machine has them.
type aside struct {
	mu      sync.Mutex
	hands   int
	busy    int
	waiting []func()
	over    int // so many have come to their end
	watched bool
}

// run runs f, at once if there is a hand for it. Idle, it has no goroutine.
func (a *aside) run(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting = append(a.waiting, f)
	if a.busy < a.hands {
		a.begin(1)
		return
	}
	a.watch()
}

// begin has n more hands take what waits.
func (a *aside) begin(n int) {
	a.busy += n
	for range n {
		go a.work(a.next())
	}
}

func (a *aside) next() func() {
	f := a.waiting[0]
	a.waiting[0] = nil
	a.waiting = a.waiting[1:]
	return f
}

func (a *aside) work(f func()) {
	for {
		f()
		a.mu.Lock()
		a.over++
		if len(a.waiting) == 0 {
			a.busy--
			a.mu.Unlock()
			return
		}
		f = a.next()
		a.mu.Unlock()
	}
}

// watch adds hands if all hang, twice as many and not more than wait.
func (a *aside) watch() {
	if a.watched || len(a.waiting) == 0 {
		return
	}
	a.watched = true
	over := a.over
	time.AfterFunc(stuckAfter, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.watched = false
		if a.over == over {
			more := tryThreads(min(a.hands, len(a.waiting)))
			a.hands += more
			a.begin(more)
		}
		a.watch()
	})
}
