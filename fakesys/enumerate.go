package fakesys

// Enumerator enumerates all values of the first choices of a run, one run after the
// other, depth first. The plain run comes first, and the last choice changes most often.
// Later choices are 0, and so are choices among more than 32 values.
//
//	e := NewEnumerator(6)
//	for more := true; more; more = e.Next() {
//		run(e)
//	}
type Enumerator struct {
	bound int
	made  []Choice // the choices of this run so far
	at    int
}

// NewEnumerator returns a source that varies this many choices. Choices with a single
// value do not count.
func NewEnumerator(choices int) *Enumerator { return &Enumerator{bound: choices} }

// Choose returns the next choice of this run.
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

// Rewind restarts the choices of this run.
func (e *Enumerator) Rewind() { e.at = 0 }

// Next advances to the next combination. It returns false when all have been enumerated.
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
