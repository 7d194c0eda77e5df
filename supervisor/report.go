package supervisor

import "time"

// repeatAfter is how long a warning that says the same again is not reported.
const repeatAfter = time.Minute

// reporter passes events to the observer. A warning that is repeated word for word
// is passed on once a minute: some are about calls that are tried again twice a
// second for as long as they fail.
type reporter struct {
	observer Observer
	last     map[string]time.Duration // warning -> when it was reported last
}

// maxRemembered bounds the warnings that are remembered.
const maxRemembered = 1000

func (r *reporter) report(at time.Duration, e Event) {
	if e.Level() == Warning && r.repeated(at, e.Of()+": "+e.String()) {
		return
	}
	r.observer.Event(at, e)
}

func (r *reporter) repeated(at time.Duration, text string) bool {
	if before, known := r.last[text]; known && at-before < repeatAfter {
		return true
	}
	if r.last == nil || len(r.last) >= maxRemembered {
		r.last = map[string]time.Duration{}
	}
	r.last[text] = at
	return false
}

// failing distinguishes the first failure of something that is retried from
// the ones that follow it.
type failing bool

// first reports whether err is a failure after a success; nil is a success.
func (f *failing) first(err error) bool {
	first := err != nil && !bool(*f)
	*f = err != nil
	return first
}
