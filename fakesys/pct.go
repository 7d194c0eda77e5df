package fakesys

import (
	"cmp"
	"slices"
)

// NewPCT returns a source that varies only the order of simultaneous events and of the
// calls of gosv among them. It implements probabilistic concurrency testing (Burckhardt
// and others, ASPLOS 2010): oldest first, except at depth places, which the seed draws
// from the first choices of order. There either another event comes first, or the oldest
// event comes after all others of its instant. A run meets an error that needs d events
// out of order with a probability of at least 1/(16·choices)^d, however long the run is.
func NewPCT(seed uint64, depth, choices int) Choices {
	draw := FromSeed(seed)
	p := &pct{}
	for range depth {
		c := change{at: draw.Choose("place", max(1, choices)), front: 1 + draw.Choose("which", window-1)}
		if draw.Choose("how", 2) == 1 {
			c.front = 0
		}
		p.changes = append(p.changes, c)
	}
	slices.SortFunc(p.changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return p
}

// change is a place where the order differs.
type change struct {
	at    int // index of the choice of order
	front int // the event that comes first, modulo their number; 0: the oldest comes last
}

type pct struct {
	changes []change
	made    int
	demoted int // events at the head of the queue that wait for all others
}

func (p *pct) Choose(label string, n int) int {
	if !Orders(label) {
		return 0
	}
	front, here := 0, 0
	for p.made++; len(p.changes) > 0 && p.changes[0].at < p.made; p.changes = p.changes[1:] {
		front = p.changes[0].front
		here++
	}
	if label == preempt {
		return min(here, n-1)
	}
	if front > 0 {
		return 1 + (front-1)%(n-1)
	}
	v := min(p.demoted+here, n-1)
	if p.demoted = v; v == n-1 && v > 0 {
		p.demoted-- // all others have run
	}
	return v
}

// Orders reports whether a label is that of a choice of order: which event is next, and
// whether an event comes before a call of gosv.
func Orders(label string) bool { return label == nextEvent || label == preempt }
