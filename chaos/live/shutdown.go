package live

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// hungAfter is what a supervisor may take beyond the longest stop_timeout, and
// what KILL takes, before it is called hung.
const hangTimeout = lifecycle.KillWait + 5*time.Second

// shutdown tells the supervisor to end, and kills it if it does not.
func (r *run) shutdown() (failure string) {
	var longest time.Duration
	for _, svc := range r.h.Services {
		longest = max(longest, svc.StopTimeout)
	}
	r.recordStopDispositions(r.stopSignals())
	from := r.now()
	if err := r.Supervisor.Stop(); err != nil {
		failure = err.Error()
	}
	for until := from + longest + hangTimeout; !r.supervisorEnded(); r.wait(until) {
		if r.now() < until && !r.hurried() {
			continue
		}
		r.h.End.Hung = true
		r.Supervisor.Kill()
		failure = fmt.Sprintf("the supervisor did not end within %v and was killed", r.now()-from)
		<-r.Supervisor.Ended()
	}
	r.h.End.At, r.h.End.Status = r.now(), r.Supervisor.Status()
	r.drainEvents()
	return failure
}

func (r *run) stopSignals() map[string]syscall.Signal {
	all := map[string]syscall.Signal{}
	for _, svc := range r.h.Services {
		all[svc.Name] = svc.StopSignal
	}
	return all
}

// early notes an end that nobody asked for.
func (r *run) recordEarlyEnd() {
	refuser, ok := r.Supervisor.(Refuser)
	r.h.End = chaos.End{At: r.now(), Status: r.Supervisor.Status(), Early: true, Refused: ok && refuser.Refused()}
	r.drainEvents()
}

func (r *run) hurried() bool {
	select {
	case <-r.Hurry:
		return true
	default:
		return false
	}
}

// hearing is how long the last words of a supervisor that has ended are waited for.
const drainTime = 2 * time.Second

func (r *run) drainEvents() {
	for until := r.now() + drainTime; !r.eventsClosed && r.now() < until; {
		r.wait(until)
	}
}
