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
func (r *run) injectFaults(ctx context.Context) (failure string) {
	began := r.now()
	ahead := r.Plan.Faults
	var late []chaos.PlannedFault
	for {
		switch {
		case ctx.Err() != nil:
			return chaos.Interrupted
		case r.supervisorEnded():
			return "the supervisor ended"
		}
		at := r.now() - began
		r.undoExpired()
		for len(ahead) > 0 && ahead[0].At <= at {
			late, ahead = append(late, ahead[0]), ahead[1:]
		}
		late = slices.DeleteFunc(late, func(h chaos.PlannedFault) bool { return r.tryInject(h, at) })
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
func (r *run) tryInject(h chaos.PlannedFault, at time.Duration) (settled bool) {
	why, passing := r.skipReason(h)
	cannot := false
	if why == "" {
		why, cannot = r.inject(h)
		if why == "" {
			return true
		}
	}
	if passing && at < h.At+r.Plan.Tick && at < r.Plan.Duration {
		return false
	}
	r.h.Injections = append(r.h.Injections, chaos.Injection{PlannedFault: h, Skipped: why, Unsupported: cannot})
	return true
}

// refused says why a hit must not be done now, and whether that may pass.
func (r *run) skipReason(h chaos.PlannedFault) (why string, passing bool) {
	fault := chaos.Catalogue[h.Fault]
	svc, known := r.service(h.Service)
	s := r.states[h.Service]
	victims := r.unavailable()
	switch {
	case !known && !fault.TargetsSupervisor:
		return "there is no such service", false
	case slices.Contains(r.Protected, h.Service):
		return "it is protected", false
	case r.lastInjected != 0 && r.now()-r.lastInjected < r.MinGap:
		return fmt.Sprintf("the last hit was less than %v ago", r.MinGap), true
	case r.MaxVictims > 0 && len(victims) >= r.MaxVictims && !slices.Contains(victims, h.Service):
		return chaos.Count(len(victims), "service is", "services are") + " down or held already, and no more are allowed", true
	case r.killedPIDs[s.Pid]:
		return "it was just hit", true
	case slices.ContainsFunc(r.active, func(x activeFault) bool { return x.service == h.Service }):
		return "another fault is being done to it", true
	case s.To == lifecycle.Running.String() && !r.alive(s.Pid):
		return "its process is gone", true
	case fault.TargetsSupervisor:
		return "", false
	}
	why = chaos.SkipReason(svc, chaos.ServiceState{Phase: s.To, Attempt: s.Attempt, RunningFor: r.now() - s.since}, fault, r.AllowGiveUp)
	return why, s.To != lifecycle.Running.String()
}

// victims are the services that are not up and free.
func (r *run) unavailable() (names []string) {
	for _, svc := range r.h.Services {
		s := r.states[svc.Name]
		busy := slices.ContainsFunc(r.active, func(x activeFault) bool { return x.service == svc.Name })
		if busy || r.killedPIDs[s.Pid] || s.To == lifecycle.Backoff.String() || s.To == lifecycle.Starting.String() {
			names = append(names, svc.Name)
		}
	}
	return names
}

// do does a hit to a service that may be hit, or to the supervisor, or says why not,
// and whether the machine or the service lacks what it takes.
func (r *run) inject(h chaos.PlannedFault) (skipped string, cannot bool) {
	svc, _ := r.service(h.Service)
	last := r.states[h.Service].Event
	pid := last.Pid
	if chaos.Catalogue[h.Fault].TargetsSupervisor {
		pid = r.Supervisor.Pid()
	}
	at := r.now()
	d, err := injectors[h.Fault](target{service: svc, pid: pid, last: last, observer: r.observer, supervisor: r.Supervisor, cgroupOf: cgroupOf, random: uint64(h.At)}, h.Arg)
	var refused unsupported
	switch {
	case errors.As(err, &refused):
		return string(refused), true
	case errors.Is(err, unix.ESRCH):
		return "its process is gone", false
	case err != nil:
		r.fail(fmt.Errorf("cannot do %s %s to %s: %w", h.Fault, h.Arg, h.Service, err))
		return err.Error(), false
	}
	r.lastInjected = at
	if d.lethal {
		r.killedPIDs[pid] = true
	}
	if d.undo != nil {
		r.active = append(r.active, activeFault{effect: d, service: h.Service, undoAt: at + d.lasts, injection: len(r.h.Injections)})
	}
	r.h.Injections = append(r.h.Injections, chaos.Injection{PlannedFault: h, At: at, Pid: pid, Lethal: d.lethal, StopsSupervisor: d.stopsSupervisor})
	return "", false
}

// undoDue undoes what has lasted long enough.
func (r *run) undoExpired() {
	at := r.now()
	r.active = slices.DeleteFunc(r.active, func(x activeFault) bool {
		due := x.undoAt <= at || x.endsWhen != nil && x.endsWhen(r.states[x.service].Event)
		if due {
			r.fail(r.undo(x))
		}
		return due
	})
}

// heal undoes everything.
func (r *run) undoAll() (failure string) {
	for _, x := range r.active {
		if err := r.undo(x); err != nil {
			r.fail(err)
			failure = err.Error()
		}
	}
	r.active = nil
	return failure
}

// release undoes one deed.
func (r *run) undo(x activeFault) error {
	err := x.undo()
	r.h.Injections[x.injection].UndoneAt = r.now()
	return err
}

// fail notes that chaos itself failed.
func (r *run) fail(err error) { r.err = errors.Join(r.err, err) }
