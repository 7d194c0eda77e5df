package supervisor

import (
	"container/heap"
	"time"

	"github.com/gosv/gosv/sys"
)

// alarm is an entry of the heap of deadlines. It belongs to a service, a
// generation or a chore, which set it; there is nothing to cancel, only a
// later or no instant to set.
type alarm struct {
	at  time.Duration
	pos int // in the heap; -1 outside
	due func()
}

func newAlarm(due func()) *alarm { return &alarm{at: sys.Never, pos: -1, due: due} }

// deadlines is a heap, so that a turn costs what is due and not what exists.
type deadlines []*alarm

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].at < d[j].at }
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].pos, d[j].pos = i, j
}
func (d *deadlines) Push(x any) {
	a := x.(*alarm)
	a.pos = len(*d)
	*d = append(*d, a)
}
func (d *deadlines) Pop() any {
	last := len(*d) - 1
	a := (*d)[last]
	(*d)[last], *d = nil, (*d)[:last]
	a.pos = -1
	return a
}

// set moves an alarm; sys.Never takes it out.
func (d *deadlines) set(a *alarm, at time.Duration) {
	if a.at == at {
		return
	}
	a.at = at
	switch {
	case at == sys.Never && a.pos >= 0:
		heap.Remove(d, a.pos)
	case at == sys.Never:
	case a.pos >= 0:
		heap.Fix(d, a.pos)
	default:
		heap.Push(d, a)
	}
}

// next is the earliest instant at which something is due.
func (d deadlines) next() time.Duration {
	if len(d) == 0 {
		return sys.Never
	}
	return d[0].at
}

// fire calls what is due at now, once each. What a call makes due at this
// same instant fires too.
func (d *deadlines) fire(now time.Duration) {
	for d.next() <= now {
		a := (*d)[0]
		d.set(a, sys.Never)
		a.due()
	}
}
