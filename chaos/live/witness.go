package live

import (
	"sync/atomic"
	"time"
)

// witness sleeps a little, over and over, and adds up by how much it overslept:
// where a machine that others keep busy, or that its own host holds, runs nobody for
// a second, no account of the kernel's blames that on the supervisor's threads.
type witness struct {
	overslept atomic.Int64 // nanoseconds
	quit      chan struct{}
	done      chan struct{}
}

// A nap is this long. What it takes longer by up to doze is the timer's.
const (
	nap  = 10 * time.Millisecond
	doze = 5 * time.Millisecond
)

func newWitness() *witness {
	w := &witness{quit: make(chan struct{}), done: make(chan struct{})}
	go w.sleep(now())
	return w
}

// sleep leaves no gap between one nap and the next: what passes there counts, too.
func (w *witness) sleep(from time.Duration) {
	defer close(w.done)
	for {
		select {
		case <-w.quit:
			return
		case <-time.After(nap):
		}
		woke := now()
		if late := woke - from - nap; late > doze {
			w.overslept.Add(int64(late))
		}
		from = woke
	}
}

// total is how long it overslept so far. No witness saw nothing.
func (w *witness) total() time.Duration {
	if w == nil {
		return 0
	}
	return time.Duration(w.overslept.Load())
}

func (w *witness) close() {
	close(w.quit)
	<-w.done
}
