package live

import (
	"strconv"
	"strings"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// pollInterval is how often conditions are checked that no event reports.
const pollInterval = 10 * time.Millisecond

// wait records events until an instant, or until there are none for a moment. A
// supervisor may report more events than can be recorded, so wait returns after
// pollInterval in any case.
func (r *run) wait(until time.Duration) {
	r.progress(false)
	timer := time.NewTimer(max(0, min(pollInterval, until-r.now())))
	defer timer.Stop()
	events := r.events()
	if r.eventsClosed {
		events = nil
	}
	select {
	case e, more := <-events:
		r.record(e, more)
	case <-timer.C:
		r.noteDrained()
	}
	for until := r.now() + pollInterval; !r.eventsClosed && r.now() < until; {
		select {
		case e, more := <-r.events():
			r.record(e, more)
		default:
			r.noteDrained()
			return
		}
	}
}

// record adds an event to the history.
func (r *run) record(e chaos.Event, more bool) {
	if !more {
		r.eventsClosed = true
		return
	}
	e.At -= r.origin
	r.h.Events = append(r.h.Events, e)
	s := r.states[e.Service]
	s.Event = e
	if e.To == lifecycle.Running.String() && e.From != e.To {
		s.since, s.leaf = e.At, r.leafOf(e.Pid)
		r.addMain(e.Pid, e.Service)
	}
	if e.Cause == lifecycle.MainExited.String() {
		delete(r.killedPIDs, e.Pid)
	}
	r.states[e.Service] = s
}

// leafOf returns the cgroup of a main process if the supervisor made it, else "".
func (r *run) leafOf(pid int) string {
	own := r.Supervisor.Cgroup()
	if own == "" {
		return ""
	}
	dir, ok := cgroupOf(strconv.Itoa(pid))
	if !ok || !strings.HasPrefix(dir, own+"/") {
		return ""
	}
	return dir
}

// drainTime is how long the last events of a supervisor that has ended are waited for.
const drainTime = 2 * time.Second

func (r *run) drainEvents() {
	for until := r.now() + drainTime; !r.eventsClosed && r.now() < until; {
		r.wait(until)
	}
}
