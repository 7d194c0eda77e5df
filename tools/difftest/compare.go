package difftest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/fakesys"
)

// Comparison is how sequences are held against each other.
type Comparison struct {
	// Real is a world of the real kernel in which nothing runs; it is cleared
	// after the sequence.
	Real func() *Side
	// Fake is a fresh fake with these choices.
	Fake func(fakesys.Choices) *Side
	// Patience is how long the real kernel may take to show what the fake
	// does, before the two are taken to diverge.
	Patience time.Duration
}

// Outcome is what a sequence came to.
type Outcome struct {
	Played     int // operations
	Followed   int // how often the fake had to take another branch than its first
	Divergence *Divergence
}

// The real world is looked at again after firstPoll, then less and less often: what
// /proc shows wakes no wait.
const (
	firstPoll = 500 * time.Microsecond
	lastPoll  = 10 * time.Millisecond
)

func longer(poll time.Duration) time.Duration { return min(poll+poll/4, lastPoll) }

// step is the outcome of one operation: the answer, and the world at rest after it.
type step struct{ answer, sight string }

// run is a comparison under way.
type run struct {
	Comparison
	seq  Sequence
	real *Side
	seen []step // on the real kernel
	fake *fakeRun
	out  Outcome
}

// Play plays a sequence on both kernels, up to the first difference.
func (c Comparison) Play(seq Sequence) Outcome {
	r := &run{Comparison: c, seq: seq, real: c.Real()}
	defer r.real.Clear()
	r.fake = r.begin(nil)
	for i, op := range seq {
		want := r.fake.play(op)
		got := step{answer: r.ask(op, want.answer)}
		if got.sight = r.comeToRest(i, &got, want); r.out.Divergence != nil {
			return r.out
		}
		r.seen = append(r.seen, got)
		r.out.Played++
	}
	r.linger()
	return r.out
}

// questions change nothing, so that they can be asked again until the world rests:
// a stop is reported when the last thread has stopped, and /proc shows it at the first.
var questions = map[string]string{"stopped": "stopped false by 0, ok", "peek": "has not ended"}

// ask does an operation, and asks a question until the answer is the fake's.
func (r *run) ask(op Op, want string) string {
	answer := r.real.Play(op)
	for limit := r.real.k.Now() + r.Patience/4; answer != want && answer == questions[op[0]] && r.real.k.Now() < limit; {
		r.real.k.Wait(r.real.k.Now() + firstPoll)
		answer = r.real.Play(op)
	}
	return answer
}

// linger looks once more: what came to pass after the last operation.
func (r *run) linger() {
	const aWhile = 2 * time.Millisecond
	if len(r.seen) == 0 {
		return
	}
	for until := r.real.k.Now() + aWhile; r.real.k.Now() < until; {
		r.real.k.Wait(until)
	}
	r.real.discover()
	last := len(r.seen) - 1
	if sight := r.real.See(); sight != r.seen[last].sight {
		r.seen = r.seen[:last]
		r.diverge(last, step{r.fake.steps[last].answer, sight}, r.fake.steps[last])
	}
}

// comeToRest waits until the real world is as the fake says, or rests as it is on
// another branch of the fake. It gives what is seen then.
func (r *run) comeToRest(i int, got *step, want step) string {
	now := r.real.k.Now()
	limit, since, tried := now+r.Patience, now, ""
	poll := firstPoll
	for last := ""; ; last = got.sight {
		r.real.forgetPassing()
		if len(r.real.procs) < len(r.fake.side.procs) {
			r.real.discover()
		}
		got.sight = r.real.See()
		if *got == want {
			return got.sight
		}
		if now = r.real.k.Now(); got.sight != last {
			since = now
		}
		if now-since > r.Patience/16 && tried != got.sight {
			if tried = got.sight; r.follow(*got) {
				return got.sight
			}
		}
		if now >= limit {
			r.diverge(i, *got, want)
			return got.sight
		}
		r.real.k.Wait(now + poll)
		poll = longer(poll)
	}
}

func (r *run) diverge(i int, got, want step) {
	r.out.Divergence = &Divergence{Sequence: r.seq[:i+1], Kernel: got, Fake: want}
}

// Divergence is a difference that no choice of the fake explains.
type Divergence struct {
	Sequence     Sequence // up to the operation that shows it
	Kernel, Fake step
}

// Shorten leaves out what the divergence can do without, as play shows.
func (d *Divergence) Shorten(play func(Sequence) *Divergence) *Divergence {
	for i := len(d.Sequence) - 2; i >= 0; i-- {
		shorter := play(slices.Delete(slices.Clone(d.Sequence), i, i+1))
		if shorter != nil {
			d, i = shorter, min(i, len(shorter.Sequence)-1)
		}
	}
	return d
}

// Lines gives the first fact that differs, on both sides.
func (d *Divergence) Lines() (kernel, fake string) {
	if d.Kernel.answer != d.Fake.answer {
		return "answer " + d.Kernel.answer, "answer " + d.Fake.answer
	}
	return firstDifference(d.Kernel.sight, d.Fake.sight)
}

func firstDifference(a, b string) (string, string) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return x[i], y[i]
		}
	}
	return "", ""
}

// String lists the sequence and every fact that differs.
func (d *Divergence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s# the kernel and the fake differ in what comes of the last operation:\n", d.Sequence)
	line := func(kernel, fake string) {
		if kernel != fake {
			fmt.Fprintf(&b, "#   kernel: %s\n#   fake:   %s\n", kernel, fake)
		}
	}
	line("answer "+d.Kernel.answer, "answer "+d.Fake.answer)
	x, y := strings.Split(d.Kernel.sight, "\n"), strings.Split(d.Fake.sight, "\n")
	for i := range max(len(x), len(y)) {
		var k, f string
		if i < len(x) {
			k = x[i]
		}
		if i < len(y) {
			f = y[i]
		}
		line(k, f)
	}
	return b.String()
}
