package difftest

import "github.com/gosv/gosv/fakesys"

// fakeRun is the fake on one branch.
type fakeRun struct {
	side    *Side
	choices *branch
	steps   []step
}

// branch is a source of choices that takes a given way and records it. Only the
// order of simultaneous events branches: that is where Linux has no order either.
type branch struct {
	way  []int
	made []fakesys.Choice
}

// orderOfEvents is the label of those choices (fakesys/events.go).
const orderOfEvents = "next event"

func (b *branch) Choose(label string, n int) int {
	if label != orderOfEvents {
		return 0
	}
	v := 0
	if len(b.made) < len(b.way) {
		v = b.way[len(b.made)] % n
	}
	b.made = append(b.made, fakesys.Choice{Label: label, N: n, Value: v})
	return v
}

// next is the way after this one, depth first; nil if there is none.
func (b *branch) next() []int {
	for i := len(b.made) - 1; i >= 0; i-- {
		if c := b.made[i]; c.Value+1 < c.N {
			way := make([]int, i+1)
			for j := range way {
				way[j] = b.made[j].Value
			}
			way[i]++
			return way
		}
	}
	return nil
}

func (r *run) begin(way []int) *fakeRun {
	b := &branch{way: way}
	return &fakeRun{side: r.Fake(b), choices: b}
}

// play does one operation and lets the fake's world come to rest.
func (f *fakeRun) play(op Op) step {
	st := step{answer: f.side.Play(op)}
	f.side.rest()
	f.side.discover()
	st.sight = f.side.See()
	f.steps = append(f.steps, st)
	return st
}

// mostBranches bounds the search for the branch that the kernel took.
const mostBranches = 400

// follow looks for a branch of the fake on which everything was as on the real
// kernel, with got as the last, and goes on on that one.
func (r *run) follow(got step) bool {
	last := r.fake
	for range mostBranches {
		way := last.choices.next()
		if way == nil {
			return false
		}
		last = r.begin(way)
		if r.agrees(last, got) {
			r.fake = last
			r.out.Followed++
			return true
		}
	}
	return false
}

// agrees plays the sequence so far on a branch, up to the first difference.
func (r *run) agrees(f *fakeRun, got step) bool {
	for i, op := range r.seq[:len(r.seen)+1] {
		want := got
		if i < len(r.seen) {
			want = r.seen[i]
		}
		if f.play(op) != want {
			return false
		}
	}
	return true
}
