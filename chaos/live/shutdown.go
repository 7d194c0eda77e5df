package live

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// hangTimeout is how long beyond the longest stop_timeout a supervisor may take to end
// before it is called hung. It includes the time that KILL may take.
const hangTimeout = lifecycle.KillWait + 5*time.Second

// shutdown asks the supervisor to end, and kills it if it does not.
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

// recordEarlyEnd records that the supervisor ended before it was asked to.
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
