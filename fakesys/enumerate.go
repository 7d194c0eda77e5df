package fakesys

// Enumerator goes through every way in which the first choices of a run can be
// made, one run after the other, depth first: the run without chance comes first,
// and the last of the choices changes most often. Later choices are 0, and so are
// numbers that are drawn from more than 32.
//
//	e := NewEnumerator(6)
//	for more := true; more; more = e.Next() {
//		run(e)
//	}
type Enumerator struct {
	bound int
	made  []Choice // the way of this run, as far as it goes
	at    int
}

// NewEnumerator gives a source that varies the first so many choices between
// several; a choice among one is none.
func NewEnumerator(choices int) *Enumerator { return &Enumerator{bound: choices} }

// Choose gives the next choice of this run's way.
func (e *Enumerator) Choose(label string, n int) int {
	if n < 2 || n > many || e.at == e.bound {
		return 0
	}
	if e.at == len(e.made) {
		e.made = append(e.made, Choice{Label: label, N: n})
	}
	e.at++
	return e.made[e.at-1].Value
}

const many = 32

// Rewind begins this run's way anew.
func (e *Enumerator) Rewind() { e.at = 0 }

// Next turns to the next way. It is false when there is none: the tree is
// complete.
func (e *Enumerator) Next() bool {
	e.at = 0
	for len(e.made) > 0 {
		last := &e.made[len(e.made)-1]
		if last.Value++; last.Value < last.N {
			return true
		}
		e.made = e.made[:len(e.made)-1]
	}
	return false
}
