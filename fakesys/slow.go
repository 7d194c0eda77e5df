package fakesys

import "time"

// span is an interval of time.
type span struct{ from, to time.Duration }

// leastSlow and slowDoublings are between a microsecond and four seconds.
const (
	leastSlow     = time.Microsecond
	slowDoublings = 23
)

// passCallTime lets time pass at the beginning of a call of the loop: as SlowHook says, by
// chance, and while gosv is stopped. The rest of the world continues.
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

// howSlow draws a duration with a uniform logarithm, or one of Faults.SlowCallBy.
func (k *Kernel) howSlow() time.Duration {
	i := k.choose("how slow", slowDoublings+len(k.faults.SlowCallBy))
	if i < slowDoublings {
		return leastSlow << i
	}
	return k.faults.SlowCallBy[i-slowDoublings]
}

// elapse runs the events before an instant. Events at that instant run later.
func (k *Kernel) elapse(until time.Duration) {
	for at, any := k.queue.next(k.now); any && at < until && !k.dead(); at, any = k.queue.next(k.now) {
		k.pass(at)
		k.step()
	}
	if !k.dead() {
		k.pass(until)
	}
}

// InCalls returns how much time since an instant has passed inside calls of gosv. Calls
// take no time except by Faults.SlowCall or while gosv is stopped. What gosv does between
// two Waits is late by at most this time.
func (w *World) InCalls(since time.Duration) (all time.Duration) {
	for i := len(w.slow) - 1; i >= 0 && w.slow[i].to > since; i-- {
		all += w.slow[i].to - max(since, w.slow[i].from)
	}
	return all
}
