package chaos

import (
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// wasHit tells whether a fault was done to a service.
func (t *trial) wasHit(service string) bool {
	return slices.ContainsFunc(t.Hits, func(d Done) bool { return d.Service == service && d.Skipped == "" })
}

// allLivesOf are the main processes of a service in the order of their births, with
// those that ended before anybody could look.
func (t *trial) allLivesOf(service string) []Life {
	lives := t.livesOf(service)
	seen := map[int]int{} // by number, which may come again
	for _, l := range lives {
		seen[l.Pid]++
	}
	for _, e := range t.Told {
		if e.Service != service || e.To != lifecycle.Running.String() || e.From == e.To {
			continue
		}
		seen[e.Pid]--
		if end, ok := t.vanished(e); ok && seen[e.Pid] < 0 {
			lives = append(lives, Life{Service: service, Pid: e.Pid, First: e.At, Gone: end.At})
		}
	}
	slices.SortStableFunc(lives, func(a, b Life) int { return int(a.First - b.First) })
	return lives
}

// explain finds the ends of a service between the first fault and the shutdown that
// no fault has caused and its policy does not take for the end of its work. Only of a
// service that had ended by itself before anything was done to it can they be its own.
func (t *trial) explain(service string, a *answer) {
	lives := t.allLivesOf(service)
	for i, l := range lives {
		if !t.amidFaults(l) || t.isCaused(l) || i > 0 && t.isAftermath(lives[i-1]) || t.completes(l) {
			continue
		}
		if t.wasStruck(l) {
			a.doubt("%s: process %d ended at %v, long after what was done to it: whether of that is not known", service, l.Pid, l.Gone)
			continue
		}
		if t.endedBefore(service) {
			a.doubt("%s: process %d ended at %v, which no fault explains; it had ended by itself before the faults, too", service, l.Pid, l.Gone)
			continue
		}
		a.blame("%s: process %d ended at %v, and no fault explains that (a service that ends by itself by design cannot be judged: leave it out)", service, l.Pid, l.Gone)
	}
}

// amidFaults tells whether a process ended after the faults began and before
// everything was to end.
func (t *trial) amidFaults(l Life) bool {
	faults, began := t.span(Faults)
	shutdown, over := t.span(Shutdown)
	return began && l.Gone >= faults.From && (!over || l.Gone < shutdown.From) && (!t.End.Early || l.Gone < t.End.At)
}

// isCaused tells whether a process ended of a fault that was done to its service while it
// was the main one.
func (t *trial) isCaused(l Life) bool {
	return slices.ContainsFunc(t.Hits, func(d Done) bool {
		return struck(d, l) && l.Gone <= max(d.At, d.Until)+t.aftereffect(d)
	})
}

// wasStruck tells whether anything was done to a process before its end.
func (t *trial) wasStruck(l Life) bool {
	return slices.ContainsFunc(t.Hits, func(d Done) bool { return struck(d, l) })
}

func struck(d Done, l Life) bool {
	return d.Skipped == "" && d.Service == l.Service && d.Pid == l.Pid && l.First <= d.At && d.At <= l.Gone
}

// aftereffect is how long after a fault, and after it was undone, an end is of it for sure.
// A program that handles a signal may take what it may take to stop; what is held up
// for a while fails at something soon, or not of that.
func (t *trial) aftereffect(d Done) time.Duration {
	soon := 2*time.Second + t.rules.Slack
	if Catalogue[d.Fault].Lethal() {
		return max(soon, t.services[d.Service].StopTimeout)
	}
	return soon
}

// isAftermath tells whether a fault that was done to a process has the next one end,
// too.
func (t *trial) isAftermath(before Life) bool {
	return slices.ContainsFunc(t.Hits, func(d Done) bool {
		f := Catalogue[d.Fault]
		return d.Skipped == "" && d.Service == before.Service && d.Pid == before.Pid && f.Restarts > 1 && !f.Failing
	})
}

// completes tells whether the end of a process was told to be the end of a service
// that may end.
func (t *trial) completes(l Life) bool {
	return slices.ContainsFunc(t.Told, func(e Told) bool {
		over := e.To == lifecycle.Exited.String() || e.To == lifecycle.Failed.String()
		return over && e.Service == l.Service && e.Pid == l.Pid && MayEnd(t.services[l.Service])
	})
}

// endedBefore tells whether a service had ended by itself before anything was done to
// any.
func (t *trial) endedBefore(service string) bool {
	faults, began := t.span(Faults)
	return slices.ContainsFunc(t.allLivesOf(service), func(l Life) bool { return l.Gone != 0 && (!began || l.Gone < faults.From) })
}
