package supervisor

import "time"

// retry is the time between the tries of something that the machine refuses or that
// takes a moment: ever longer, until an instant.
type retry struct {
	s            *Supervisor
	until, pause time.Duration
}

func (s *Supervisor) retries(bound time.Duration) *retry {
	return &retry{s: s, until: s.now() + bound}
}

// again waits for the next try; false: there is to be none.
func (r *retry) again() bool {
	now := r.s.now()
	if now >= r.until {
		return false
	}
	r.pause = longer(r.pause)
	r.s.k.Wait(min(r.until, now+r.pause))
	return true
}

// unlessTold is again for the boot, in which nobody else takes signals: there is no
// next try when gosv is told to end.
func (r *retry) unlessTold() bool {
	if r.s.obeySignals(); r.s.closing || !r.again() {
		return false
	}
	r.s.obeySignals()
	return !r.s.closing
}

// longer is the pause after a pause; the first is after 0.
func longer(pause time.Duration) time.Duration {
	return min(max(2*pause, firstRecheck), lastRecheck)
}
