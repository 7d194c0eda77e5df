package control

import (
	"errors"
	"sync"

	"github.com/gosv/gosv/control/api"
)

// DefaultRingMax is how many events an EventRing keeps by default.
const DefaultRingMax = 4096

// ErrGone reports that an EventRing no longer holds the events that a reader wants.
var ErrGone = errors.New("the events are no longer kept")

// EventRing numbers events from 1 and keeps the last ones. Its methods may be called
// from any goroutine; Append never waits for a reader.
type EventRing struct {
	max int

	mu      sync.Mutex
	events  []api.Event   // a circle once it has max entries; events[0] is the oldest before
	last    uint64        // number of the newest event
	changed chan struct{} // closed by the next Append; nil: no reader waits
}

// NewEventRing makes a ring that keeps max events.
func NewEventRing(max int) *EventRing { return &EventRing{max: max} }

// Append numbers the event, keeps it and wakes the readers that wait for it.
func (r *EventRing) Append(e api.Event) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	e.Seq = r.last
	if len(r.events) < r.max {
		r.events = append(r.events, e)
	} else {
		r.events[r.index(e.Seq)] = e
	}
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
	return e.Seq
}

// Last is the number of the newest event, 0 before the first.
func (r *EventRing) Last() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// Oldest is the lowest number that After takes.
func (r *EventRing) Oldest() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last - uint64(len(r.events))
}

// After returns at most limit events numbered after seq, oldest first. It
// reports ErrGone when some of them are no longer kept, and when seq has not
// been reached: the reader then speaks of an earlier gosv.
func (r *EventRing) After(seq uint64, limit int) ([]api.Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seq > r.last || seq < r.last-uint64(len(r.events)) {
		return nil, ErrGone
	}
	n := min(int(r.last-seq), limit)
	found := make([]api.Event, 0, n)
	for next := seq + 1; len(found) < n; next++ {
		found = append(found, r.events[r.index(next)])
	}
	return found, nil
}

// Changed returns a channel that is closed when there is an event numbered after seq.
func (r *EventRing) Changed(seq uint64) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last > seq {
		return closed
	}
	if r.changed == nil {
		r.changed = make(chan struct{})
	}
	return r.changed
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// index is where the event with this number is kept.
func (r *EventRing) index(seq uint64) int { return int((seq - 1) % uint64(r.max)) }
