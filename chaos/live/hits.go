package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// faults does the hits of the plan, each at its time. One whose service is just
// coming back waits for it, up to a tick.
func (r *run) faults(ctx context.Context) (failure string) {
	began := r.now()
	ahead := r.Plan.Hits
	var late []chaos.Hit
	for {
		switch {
		case ctx.Err() != nil:
			return chaos.Interrupted
		case r.over():
			return "the supervisor ended"
		}
		at := r.now() - began
		r.undoDue()
		for len(ahead) > 0 && ahead[0].At <= at {
			late, ahead = append(late, ahead[0]), ahead[1:]
		}
		late = slices.DeleteFunc(late, func(h chaos.Hit) bool { return r.hit(h, at) })
		if at >= r.Plan.Duration && len(late) == 0 {
			return ""
		}
		next := r.Plan.Duration
		if len(ahead) > 0 {
			next = ahead[0].At
		}
		r.wait(began + max(next, at+time.Millisecond))
	}
}

// hit does a fault or says why it cannot be done; not settled: it may be tried
// again.
func (r *run) hit(h chaos.Hit, at time.Duration) (settled bool) {
	why, passing := r.refused(h)
	cannot := false
	if why == "" {
		why, cannot = r.do(h)
		if why == "" {
			return true
		}
	}
	if passing && at < h.At+r.Plan.Tick && at < r.Plan.Duration {
		return false
	}
	r.h.Hits = append(r.h.Hits, chaos.Done{Hit: h, Skipped: why, Cannot: cannot})
	return true
}

// refused says why a hit must not be done now, and whether that may pass.
func (r *run) refused(h chaos.Hit) (why string, passing bool) {
	fault := chaos.Catalogue[h.Fault]
	svc, known := r.service(h.Service)
	s := r.standing[h.Service]
	victims := r.victims()
	switch {
	case !known && !fault.Whole:
		return "there is no such service", false
	case slices.Contains(r.Protected, h.Service):
		return "it is protected", false
	case r.lastHit != 0 && r.now()-r.lastHit < r.MinGap:
		return fmt.Sprintf("the last hit was less than %v ago", r.MinGap), true
	case r.MaxVictims > 0 && len(victims) >= r.MaxVictims && !slices.Contains(victims, h.Service):
		return chaos.Count(len(victims), "service is", "services are") + " down or held already, and no more are allowed", true
	case r.doomed[s.Pid]:
		return "it was just hit", true
	case slices.ContainsFunc(r.held, func(x held) bool { return x.service == h.Service }):
		return "another fault is being done to it", true
	case s.To == lifecycle.Running.String() && !r.alive(s.Pid):
		return "its process is gone", true
	case fault.Whole:
		return "", false
	}
	why = chaos.Refuse(svc, chaos.Standing{Phase: s.To, Attempt: s.Attempt, Ran: r.now() - s.since}, fault, r.AllowGiveUp)
	return why, s.To != lifecycle.Running.String()
}

// victims are the services that are not up and free.
func (r *run) victims() (names []string) {
	for _, svc := range r.h.Services {
		s := r.standing[svc.Name]
		busy := slices.ContainsFunc(r.held, func(x held) bool { return x.service == svc.Name })
		if busy || r.doomed[s.Pid] || s.To == lifecycle.Backoff.String() || s.To == lifecycle.Starting.String() {
			names = append(names, svc.Name)
		}
	}
	return names
}

// do does a hit to a service that may be hit, or to the supervisor, or says why not,
// and whether the machine or the service lacks what it takes.
func (r *run) do(h chaos.Hit) (skipped string, cannot bool) {
	svc, _ := r.service(h.Service)
	last := r.standing[h.Service].Told
	pid := last.Pid
	if chaos.Catalogue[h.Fault].Whole {
		pid = r.Supervisor.Pid()
	}
	at := r.now()
	d, err := deeds[h.Fault](target{service: svc, pid: pid, last: last, observer: r.observer, supervisor: r.Supervisor, cgroupOf: cgroupOf, choose: uint64(h.At)}, h.Arg)
	var refused refusal
	switch {
	case errors.As(err, &refused):
		return string(refused), true
	case errors.Is(err, unix.ESRCH):
		return "its process is gone", false
	case err != nil:
		r.fail(fmt.Errorf("cannot do %s %s to %s: %w", h.Fault, h.Arg, h.Service, err))
		return err.Error(), false
	}
	r.lastHit = at
	if d.lethal {
		r.doomed[pid] = true
	}
	if d.undo != nil {
		r.held = append(r.held, held{deed: d, service: h.Service, due: at + d.after, hit: len(r.h.Hits)})
	}
	r.h.Hits = append(r.h.Hits, chaos.Done{Hit: h, At: at, Pid: pid, Lethal: d.lethal, Stalls: d.stalls})
	return "", false
}

// undoDue undoes what has lasted long enough.
func (r *run) undoDue() {
	at := r.now()
	r.held = slices.DeleteFunc(r.held, func(x held) bool {
		due := x.due <= at || x.over != nil && x.over(r.standing[x.service].Told)
		if due {
			r.fail(r.release(x))
		}
		return due
	})
}

// heal undoes everything.
func (r *run) heal() (failure string) {
	for _, x := range r.held {
		if err := r.release(x); err != nil {
			r.fail(err)
			failure = err.Error()
		}
	}
	r.held = nil
	return failure
}

// release undoes one deed.
func (r *run) release(x held) error {
	err := x.undo()
	r.h.Hits[x.hit].Until = r.now()
	return err
}

// fail notes that chaos itself failed.
func (r *run) fail(err error) { r.err = errors.Join(r.err, err) }
