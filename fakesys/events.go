package fakesys

import (
	"slices"
	"time"
)

// event is something that will happen at an instant. A cancelled event is dropped when it
// becomes due.
type event struct {
	at        time.Duration
	seq       uint64
	label     string
	run       func() // or, for the turn and the timer of a process:
	proc      *process
	timer     bool
	cancelled bool
	cause     int32 // the line of the trace at which it was scheduled
}

// queue holds the scheduled events: those that are due now in ready, in creation order,
// and the others in a heap ordered by (instant, creation).
type queue struct {
	ready   []*event
	heap    []*event
	seq     uint64
	dropped int // cancelled events still in the heap or the list
}

func (q *queue) add(e *event, now time.Duration) *event {
	q.seq++
	e.seq = q.seq
	if e.at <= now {
		e.at = now
		q.ready = append(q.ready, e)
		return e
	}
	q.heap = append(q.heap, e)
	i := len(q.heap) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q.heap[up].before(q.heap[i]) {
			break
		}
		q.heap[up], q.heap[i] = q.heap[i], q.heap[up]
		i = up
	}
	return e
}

func (e *event) before(f *event) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

// next returns the instant of the earliest event that is not cancelled.
func (q *queue) next(now time.Duration) (time.Duration, bool) {
	for len(q.ready) > 0 {
		if !q.ready[0].cancelled {
			return now, true
		}
		q.take(0)
	}
	for len(q.heap) > 0 {
		if !q.heap[0].cancelled {
			return q.heap[0].at, true
		}
		q.popHeap()
	}
	return 0, false
}

// fill moves the events of the instant now from the heap to the ready list.
func (q *queue) fill(now time.Duration) {
	for len(q.heap) > 0 && q.heap[0].at <= now {
		if e := q.popHeap(); !e.cancelled {
			q.ready = append(q.ready, e)
		}
	}
}

func (q *queue) popHeap() *event {
	h := q.heap
	e := h[0]
	last := len(h) - 1
	h[0], h[last] = h[last], nil
	q.heap = h[:last]
	q.sink(0)
	q.count(e)
	return e
}

// sink moves the event at i down to its place in the heap.
func (q *queue) sink(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(q.heap); c++ {
			if q.heap[c].before(q.heap[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}

// cancel cancels an event; nil is allowed.
func (q *queue) cancel(e *event) {
	if e == nil || e.cancelled {
		return
	}
	e.cancelled = true
	if q.dropped++; q.dropped > 64 && q.dropped > len(q.heap)/2 {
		q.compact()
	}
}

// compact removes the cancelled events from the heap, so that a process killed in a long
// sleep does not stay in memory until the sleep would end.
func (q *queue) compact() {
	q.heap = slices.DeleteFunc(q.heap, func(e *event) bool {
		q.count(e)
		return e.cancelled
	})
	for i := len(q.heap)/2 - 1; i >= 0; i-- {
		q.sink(i)
	}
}

// count notes that an event has left.
func (q *queue) count(e *event) {
	if e.cancelled {
		q.dropped--
	}
}

// take removes one ready event.
func (q *queue) take(i int) *event {
	e := q.ready[i]
	q.count(e)
	if i == 0 {
		q.ready[0] = nil
		q.ready = q.ready[1:]
		return e
	}
	q.ready = append(q.ready[:i], q.ready[i+1:]...)
	return e
}

// window is the number of due events that a choice considers. It keeps choices small (one
// byte of a fuzzer), while every order stays reachable for instants with fewer events.
const window = 8

// Labels of the choices about the order of simultaneous events.
const (
	nextEvent = "next event"
	preempt   = "preempt"
)

// step runs one due event: the oldest or, by choice, another one.
func (w *World) step() {
	q := &w.queue
	for i := 0; i < min(len(q.ready), window); {
		if q.ready[i].cancelled {
			q.take(i)
		} else {
			i++
		}
	}
	n := min(len(q.ready), window)
	if n == 0 {
		return
	}
	i := 0
	if n > 1 {
		i = w.choose(nextEvent, n)
	}
	if i > 0 {
		w.Fire(OrderChosen)
	}
	e := q.take(i)
	e.cancelled = true // so that a later cancel has no effect
	w.running++
	before := w.trace.text.during(e.cause)
	switch {
	case e.run != nil:
		w.note(0, EvAction, 0, 0, e.label, 0)
		e.run()
	case e.timer:
		e.proc.timer = nil
		e.proc.slept = true
		w.turn(e.proc)
	default:
		e.proc.turn = nil
		w.turn(e.proc)
	}
	w.trace.text.during(before)
	w.running--
	w.stepped()
}

// after schedules an action of the world. label appears in the trace.
func (w *World) after(d time.Duration, label string, run func()) *event {
	at := w.now + d
	if at < w.now {
		at = 1<<63 - 1
	}
	return w.queue.add(&event{at: at, label: label, run: run, cause: w.trace.text.line()}, w.now)
}

// choose draws a choice. All randomness goes through it.
func (w *World) choose(label string, n int) int {
	v := w.choices.Choose(label, n)
	if v < 0 || v >= n {
		panic("fakesys: choice out of range: " + label)
	}
	w.hash(uint64(v)<<32 | uint64(n))
	return v
}
