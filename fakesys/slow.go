package fakesys

import "time"

// span is a stretch of time.
type span struct{ from, to time.Duration }

// leastSlow and slowDoublings are between a microsecond and four seconds.
const (
	leastSlow     = time.Microsecond
	slowDoublings = 23
)

// passCallTime lets time pass in a call of the loop, before it does anything: by
// order, by chance, and for as long as gosv is stopped. The world goes on.
func (k *Kernel) passCallTime() {
	from := k.now
	if hook := k.faults.SlowHook; hook != nil {
		if by := hook(); by > 0 {
			k.Fire(SlowCall)
			k.note(0, EvFault, 0, 0, Catalogue[SlowCall].Name, 0)
			k.elapse(k.now + by)
		}
	}
	if k.happens(SlowCall, k.faults.SlowCall) {
		k.elapse(k.now + k.howSlow())
	}
	for k.self.stopped && !k.dead() {
		k.run()
	}
	if k.now > from {
		k.slow = append(k.slow, span{from, k.now})
	}
	k.survived()
}

// howSlow draws a duration whose logarithm is uniform, or one of those of the
// scenario.
func (k *Kernel) howSlow() time.Duration {
	i := k.choose("how slow", slowDoublings+len(k.faults.SlowCallBy))
	if i < slowDoublings {
		return leastSlow << i
	}
	return k.faults.SlowCallBy[i-slowDoublings]
}

// elapse runs what happens before an instant. What happens at it comes after.
func (k *Kernel) elapse(until time.Duration) {
	for at, any := k.queue.next(k.now); any && at < until && !k.dead(); at, any = k.queue.next(k.now) {
		k.pass(at)
		k.step()
	}
	if !k.dead() {
		k.pass(until)
	}
}

// InCalls is how much of the time since an instant has passed in calls of gosv's,
// which take none unless Faults.SlowCall or a stop of gosv says so. What it does
// between two Waits comes later by this, and by no more.
func (w *World) InCalls(since time.Duration) (all time.Duration) {
	for i := len(w.slow) - 1; i >= 0 && w.slow[i].to > since; i-- {
		all += w.slow[i].to - max(since, w.slow[i].from)
	}
	return all
}
