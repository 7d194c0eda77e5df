package chaos

import (
	"fmt"
	"slices"
	"time"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// conservation: every lethal fault ends a process, every end is told once, and is
// followed by a restart, a give-up that the policy allows, or the shutdown.
func conservation(t *trial) (wrong, shown []string) {
	lethal := 0
	done, _ := t.done()
	for _, d := range done {
		if !d.Lethal {
			continue
		}
		lethal++
		if !t.endedOf(d) {
			wrong = append(wrong, fmt.Sprintf("%s: %s %s hit process %d at %v, which did not end", d.Service, d.Fault, d.Arg, d.Pid, d.At))
		}
	}
	var exits, restarts, giveUps, stopped int
	for _, svc := range t.Services {
		e, r, g, s, w := t.balance(svc.Name)
		exits, restarts, giveUps, stopped = exits+e, restarts+r, giveUps+g, stopped+s
		wrong = append(wrong, w...)
	}
	return wrong, []string{fmt.Sprintf("%d lethal faults; %d exits told = %d restarts + %d give-ups + %d at the shutdown", lethal, exits, restarts, giveUps, stopped)}
}

// endedOf tells whether the process that was hit ended after that. Its number may be
// another's later.
func (t *trial) endedOf(d Done) bool {
	return slices.ContainsFunc(t.Lives, func(l Life) bool { return l.Service == d.Service && l.Pid == d.Pid && l.Gone >= d.At })
}

// balance follows the account of one service.
func (t *trial) balance(service string) (exits, restarts, giveUps, stopped int, wrong []string) {
	ended, born := map[int]int{}, map[int]int{} // by number, which may come again
	open := false                               // an exit has not been answered yet
	for _, e := range t.Told {
		if e.Service != service {
			continue
		}
		if tellsEnd(e) && (e.Cause == lifecycle.MainExited.String() || ended[e.Pid] == 0) {
			exits++
			ended[e.Pid]++
		}
		switch e.To {
		case lifecycle.Backoff.String():
			open = true
		case lifecycle.Running.String():
			born[e.Pid]++
			if open {
				restarts++
			}
			open = false
		case lifecycle.Failed.String():
			giveUps++
			if !t.rules.AllowGiveUp && t.hitBefore(e.At) || e.Attempt != t.services[service].MaxRestarts {
				wrong = append(wrong, fmt.Sprintf("%s: given up at %v after %d restarts in a row (max_restarts is %d)", service, e.At, e.Attempt, t.services[service].MaxRestarts))
			}
			open = false
		case lifecycle.Stopped.String(), lifecycle.Exited.String():
			stopped++
			open = false
		}
	}
	if open && !t.End.Early {
		wrong = append(wrong, fmt.Sprintf("%s: its last end was followed by nothing: a restart is lost", service))
	}
	for pid, n := range ended {
		if n > max(1, born[pid]) {
			wrong = append(wrong, fmt.Sprintf("%s: the end of process %d was told %d times", service, pid, n))
		}
	}
	for _, l := range t.livesOf(service) {
		if l.Gone != 0 && ended[l.Pid] == 0 {
			wrong = append(wrong, fmt.Sprintf("%s: process %d ended at %v, and that was never told", service, l.Pid, l.Gone))
		}
	}
	return exits, restarts, giveUps, stopped, wrong
}

// hitBefore tells whether anything had been done by then: who gives a service up
// earlier has its own reasons.
func (t *trial) hitBefore(at time.Duration) bool {
	done, _ := t.done()
	return slices.ContainsFunc(done, func(d Done) bool { return d.At <= at })
}

// tellsEnd tells whether an event is the account of a main process's end: the exit
// itself, or, where others of its generation outlived it while it was being
// stopped, the end of the last of them. That comes after the exit where the stop came
// after it, too.
func tellsEnd(e Told) bool {
	return e.Pid != 0 && (e.Cause == lifecycle.MainExited.String() ||
		e.Cause == lifecycle.Emptied.String() && e.From == lifecycle.Stopping.String())
}
