package fakesys

// Choices is the only source of randomness of a run. Choose returns a number in [0, n);
// label names the choice. 0 always means "no fault, oldest event first", so a run of
// zeros is the plain run.
type Choices interface {
	Choose(label string, n int) int
}

// Zero is the source of the plain run: everything happens in order and succeeds.
type Zero struct{}

// Choose returns 0.
func (Zero) Choose(string, int) int { return 0 }

// FromSeed draws from a splitmix64 generator. Its numbers for a seed never change, unlike
// those of Go's own generators.
func FromSeed(seed uint64) Choices { return &splitmix{seed} }

type splitmix struct{ state uint64 }

func (s *splitmix) Choose(_ string, n int) int {
	s.state += 0x9e3779b97f4a7c15
	z := s.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) >> 33 % uint64(n))
}

// FromList returns recorded values, then 0. A value that is too large for its choice is
// reduced modulo n, so an edited list stays valid.
func FromList(values []int) Choices { return &list{values} }

type list struct{ rest []int }

func (l *list) Choose(_ string, n int) int {
	if len(l.rest) == 0 {
		return 0
	}
	v := l.rest[0]
	l.rest = l.rest[1:]
	return ((v % n) + n) % n
}

// FromBytes uses one byte per choice, then 0. It is for fuzzing.
func FromBytes(data []byte) Choices { return &bytesChoices{data} }

type bytesChoices struct{ rest []byte }

func (b *bytesChoices) Choose(_ string, n int) int {
	if len(b.rest) == 0 {
		return 0
	}
	v := int(b.rest[0])
	b.rest = b.rest[1:]
	return v % n
}

// Choice is one recorded decision.
type Choice struct {
	Label string
	N     int
	Value int
}

// Recorder passes choices through and records them for a replay.
type Recorder struct {
	From Choices
	Made []Choice
}

// Choose asks From and records the answer.
func (r *Recorder) Choose(label string, n int) int {
	v := r.From.Choose(label, n)
	r.Made = append(r.Made, Choice{label, n, v})
	return v
}

// Values returns the recorded numbers, for FromList.
func (r *Recorder) Values() []int {
	values := make([]int, len(r.Made))
	for i, c := range r.Made {
		values[i] = c.Value
	}
	return values
}
