package fakesys

import (
	"cmp"
	"slices"
)

// NewPCT gives a source that only orders what happens at the same time: events of
// one instant, and the calls of gosv among them. It does so in the manner of
// probabilistic concurrency testing (Burckhardt and others, ASPLOS 2010): oldest
// first, save at depth places, drawn by seed from the first so many choices of
// order. There either another event is drawn to the front, or the oldest lets all
// others of its instant go first. An error that needs d events out of order is met
// with a probability of at least 1/(16·choices)^d in a run, however long it is.
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

// change is a place where the order is another.
type change struct {
	at    int // which of the choices of order
	front int // that comes first, modulo how many there are; 0: the oldest comes last
}

type pct struct {
	changes []change
	made    int
	demoted int // those at the head of the queue that let the others go first
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
		p.demoted-- // the others have come: now it is their turn
	}
	return v
}

// Orders tells of a choice between things of the same time: which event is next,
// and whether one comes before a call of gosv.
func Orders(label string) bool { return label == nextEvent || label == preempt }
