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

// injectFaults injects the faults of the plan, each at its time. A fault whose service is
// not available waits for it ([run.mayWait]).
func (r *run) injectFaults(ctx context.Context) (failure string) {
	began := r.now()
	ahead := r.Plan.Faults
	var waiting []chaos.PlannedFault
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
			waiting, ahead = append(waiting, ahead[0]), ahead[1:]
		}
		waiting = slices.DeleteFunc(waiting, func(h chaos.PlannedFault) bool { return r.tryInject(h, at) })
		if at >= r.Plan.Duration && len(waiting) == 0 {
			return ""
		}
		next := r.Plan.Duration
		if len(ahead) > 0 {
			next = ahead[0].At
		}
		r.wait(began + max(next, at+time.Millisecond))
	}
}

// tryInject injects a fault or records why it is skipped. It returns false if the fault is
// to be tried again.
func (r *run) tryInject(h chaos.PlannedFault, at time.Duration) (settled bool) {
	why, passing := r.skipReason(h)
	lacking := false
	if why == "" {
		why, lacking = r.inject(h)
		if why == "" {
			return true
		}
	}
	if passing && r.mayWait(h, at) {
		return false
	}
	r.h.Injections = append(r.h.Injections, chaos.Injection{PlannedFault: h, Skipped: why, Unsupported: lacking})
	return true
}

// mayWait reports whether a fault may still wait for its service: for a tick, or, as long
// as no fault of its kind was injected, until the end of the faults.
func (r *run) mayWait(h chaos.PlannedFault, at time.Duration) bool {
	first := !slices.ContainsFunc(r.h.Injections, func(d chaos.Injection) bool { return d.Fault == h.Fault && d.Skipped == "" })
	return at < r.Plan.Duration && (first || at < h.At+r.Plan.Tick)
}

// skipReason says why a fault must not be injected now, and whether that may pass.
func (r *run) skipReason(h chaos.PlannedFault) (why string, passing bool) {
	fault := chaos.Catalogue[h.Fault]
	svc, known := r.service(h.Service)
	s := r.states[h.Service]
	unavailable := r.unavailable()
	switch {
	case !known && !fault.TargetsSupervisor:
		return "there is no such service", false
	case slices.Contains(r.Protected, h.Service):
		return "it is protected", false
	case r.lastInjected != 0 && r.now()-r.lastInjected < r.MinGap:
		return fmt.Sprintf("the last fault was less than %v ago", r.MinGap), true
	case r.MaxVictims > 0 && len(unavailable) >= r.MaxVictims && !slices.Contains(unavailable, h.Service):
		return chaos.Count(len(unavailable), "service was", "services were") + " down or disturbed, the maximum", true
	case r.killedPIDs[s.Pid]:
		return "it had just been killed", true
	case slices.ContainsFunc(r.active, func(x activeFault) bool { return x.service == h.Service }):
		return "another fault was active", true
	case s.To == lifecycle.Running.String() && !r.alive(s.Pid):
		return "its process had ended", true
	case fault.TargetsSupervisor:
		return "", false
	}
	why = chaos.SkipReason(svc, chaos.ServiceState{Phase: s.To, Attempt: s.Attempt, RunningFor: r.now() - s.since}, fault, r.AllowGiveUp)
	return why, s.To != lifecycle.Running.String()
}

// unavailable returns the services that do not run, or run under a fault.
func (r *run) unavailable() (names []string) {
	for _, svc := range r.h.Services {
		s := r.states[svc.Name]
		disturbed := slices.ContainsFunc(r.active, func(x activeFault) bool { return x.service == svc.Name })
		if disturbed || r.killedPIDs[s.Pid] || s.To == lifecycle.Backoff.String() || s.To == lifecycle.Starting.String() {
			names = append(names, svc.Name)
		}
	}
	return names
}

// inject injects a fault. It returns why the fault was skipped, if it was, and whether
// the machine or the service lacks what the fault requires.
func (r *run) inject(h chaos.PlannedFault) (skipped string, lacking bool) {
	svc, _ := r.service(h.Service)
	last := r.states[h.Service].Event
	pid := last.Pid
	if chaos.Catalogue[h.Fault].TargetsSupervisor {
		pid = r.Supervisor.Pid()
	}
	at := r.now()
	d, err := injectors[h.Fault](target{service: svc, pid: pid, last: last, observer: r.observer, supervisor: r.Supervisor, cgroupOf: cgroupOf, random: uint64(h.At)}, h.Arg)
	var lacks unsupported
	switch {
	case errors.As(err, &lacks):
		return string(lacks), true
	case errors.Is(err, unix.ESRCH):
		return "its process had ended", false
	case err != nil:
		r.fail(fmt.Errorf("cannot inject %s %s into %s: %w", h.Fault, h.Arg, h.Service, err))
		return err.Error(), false
	}
	r.lastInjected = at
	if d.lethal {
		r.killedPIDs[pid] = true
	}
	if d.undo != nil {
		r.active = append(r.active, activeFault{effect: d, service: h.Service, undoAt: at + d.lasts, injection: len(r.h.Injections)})
	}
	r.h.Injections = append(r.h.Injections, chaos.Injection{PlannedFault: h, At: at, Pid: pid, Lethal: d.lethal, Signal: d.signal, StopsSupervisor: d.stopsSupervisor})
	return "", false
}

// undoExpired undoes faults that have lasted long enough.
func (r *run) undoExpired() {
	at := r.now()
	r.active = slices.DeleteFunc(r.active, func(x activeFault) bool {
		expired := x.undoAt <= at || x.endsWhen != nil && x.endsWhen(r.states[x.service].Event)
		if expired {
			r.fail(r.undo(x))
		}
		return expired
	})
}

// undoAll undoes every fault.
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

func (r *run) undo(x activeFault) error {
	err := x.effect.undo()
	r.h.Injections[x.injection].UndoneAt = r.now()
	return err
}

// fail records that chaos itself failed.
func (r *run) fail(err error) { r.err = errors.Join(r.err, err) }
