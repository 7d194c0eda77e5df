package sim_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// seen is what a user sees of a run: each change of state with its instant, to a
// hundredth of a second, and how gosv ended.
func seen(r *Report) string {
	var lines []string
	for _, c := range r.Changes {
		if c.From != c.State.Phase {
			lines = append(lines, fmt.Sprintf("%v %s", c.At.Round(10*time.Millisecond), c.State.Phase))
		}
	}
	end := fmt.Sprintf("end at %v", r.Time.Round(10*time.Millisecond))
	switch res := r.Result; {
	case res.Err != nil:
		end = "refused"
	case len(res.Unkillable) > 0:
		end += ", unkillable: " + strings.Join(res.Unkillable, "; ")
	case len(res.Failed) > 0:
		end += ", failed"
	}
	return strings.Join(append(lines, end), ", ")
}

// one is a service with a short grace.
func one(script string, change ...func(*Service)) []Service {
	s := NewService("web", script)
	s.StopTimeout = 3 * time.Second
	for _, f := range change {
		f(&s)
	}
	return []Service{s}
}

// TestWhatAUserSees tells what gosv does, case by case. The checker watches every
// one: nothing is left, nothing is killed early, nothing runs twice.
func TestWhatAUserSees(t *testing.T) {
	const deaf = "ignore TERM; sleep forever"
	const escaped = "daemon {setsid; ignore TERM; sleep forever}; sleep forever"
	second := time.Second
	term := func(at time.Duration) Action { return Action{At: at, Signal: syscall.SIGTERM} }
	stop := command(10*second, lifecycle.Stop, "web")
	start := func(at time.Duration) Action { return command(at, lifecycle.Start, "web") }
	groups := fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"cpu", "memory", "pids"}}}
	bare := fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}}
	slow := fakesys.Options{Faults: &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: second}}
	refused := fakesys.Options{Faults: &fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpSpawn, Rate: 1, Errnos: []syscall.Errno{syscall.EAGAIN}}}}}
	limited := func(s *Service) { s.Limits = config.Limits{MemoryMax: 1 << 20} }
	file := func(kind fakesys.FileKind) func(*Service) { return func(s *Service) { s.File = kind } }
	attached := func(s *Service) { s.Restart = config.RestartOnFailure }

	for name, c := range map[string]struct {
		s    Scenario
		seen string
	}{
		"a program that is deaf to TERM is killed when its grace is over": {
			Scenario{Services: one(deaf), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 13s stopped, end at 13s"},
		"sh -c 'worker; echo': TERM ends the shell at once, and the worker still gets its time": {
			Scenario{Services: one("fork {on TERM {sleep 2s; exit 0}; sleep forever}; sleep forever"), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 12s stopped, end at 12s"},
		"the same in a cgroup": {
			Scenario{Machine: groups, Services: one("fork {on TERM {sleep 2s; exit 0}; sleep forever}; sleep forever"), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 12s stopped, end at 12s"},
		"what a program leaves behind when it fails is killed, and the restart keeps its schedule": {
			Scenario{Services: one("fork {ignore TERM; sleep forever}; sleep 4s; exit 1"), EndAt: 6 * second},
			"0s starting, 0s running, 4s backoff, 5s starting, 5s running, 6s stopping, 9s stopped, end at 9s"},
		"a daemon that escaped by setsid and a double fork gets the signal, its grace and KILL": {
			Scenario{Services: one(escaped), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 13s stopped, end at 13s"},
		"the same in a cgroup, where none escapes": {
			Scenario{Machine: groups, Services: one(escaped), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 13s stopped, end at 13s"},
		"a process in D state does not hang the shutdown, and is named": {
			Scenario{Services: one("block forever"), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, end at 18s, unkillable: web (process 11)"},
		"a second TERM kills at once": {
			Scenario{Services: one(deaf), Actions: []Action{term(10 * second), term(11 * second)}},
			"0s starting, 0s running, 10s stopping, 11s stopped, end at 11s"},
		"a stop while it starts: the newborn gets the signal": {
			Scenario{Machine: slow, Services: one(Healthy), Actions: []Action{command(second, lifecycle.Stop, "web"), term(10 * second)}},
			"0s starting, 1s stopping, 2s stopped, end at 10s"},
		"a start while it stops makes a restart of it": {
			Scenario{Services: one(deaf), Actions: []Action{stop, start(11 * second), command(20*second, lifecycle.Kill, "web")}, EndAt: 30 * second},
			"0s starting, 0s running, 10s stopping, 13s starting, 13s running, 20s stopping, 20s stopped, end at 30s"},
		"HUP is no reason to end": {
			Scenario{Services: one(Healthy), Actions: []Action{{At: second, Signal: syscall.SIGHUP}, term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 10s stopped, end at 10s"},
		"HUP ends gosv --run": {
			Scenario{Attached: true, Services: one(Healthy, attached), Actions: []Action{{At: second, Signal: syscall.SIGHUP}}},
			"0s starting, 0s running, 1s stopping, 1s stopped, end at 1s"},
		"gosv --run of a program that is not there gives up at once": {
			Scenario{Attached: true, Services: one("", attached, file(fakesys.MissingInterpreter))},
			"0s starting, 0s failed, end at 0s, failed"},
		"gosv --run ends with its program": {
			Scenario{Attached: true, Services: one("sleep 2s; exit 0", attached)},
			"0s starting, 0s running, 2s exited, end at 2s"},
		"require without a cgroup2 file system: gosv does not begin": {
			Scenario{Cgroup: config.CgroupRequire, Services: one(Healthy)},
			"refused"},
		"require without the controller: the service is not started": {
			Scenario{Machine: bare, Cgroup: config.CgroupRequire, Services: one(Healthy, limited)},
			"0s starting, 0s failed, end at 0s, failed"},
		"auto without the controller: it runs all the same": {
			Scenario{Machine: bare, Services: one(Healthy, limited), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 10s stopped, end at 10s"},
		"a machine that refuses to fork is asked again on the schedule, and nothing is counted": {
			Scenario{Machine: refused, Services: one(Healthy, func(s *Service) { s.MaxRestarts = 1 }), HealAt: 5 * second, Actions: []Action{term(10 * second)}},
			"0s starting, 0s backoff, 1s starting, 1s backoff, 3s starting, 3s backoff, 7s starting, 7s running, 10s stopping, 10s stopped, end at 10s"},
		"an exec that hangs is given up at start_timeout and tried again": {
			Scenario{Services: one("", file(fakesys.Hanging)), Actions: []Action{term(40 * second)}},
			"0s starting, 30s backoff, 31s starting, 40s stopping, 43s stopped, end at 43s"},
		"a program that keeps failing is given up after max_restarts": {
			Scenario{Services: one("exit 1", func(s *Service) { s.MaxRestarts = 2 })},
			"0s starting, 0s running, 0s backoff, 1s starting, 1s running, 1s backoff, 3s starting, 3s running, 3s failed, end at 3s, failed"},
		"as PID 1 of a container gosv reaps what it adopts": {
			Scenario{Machine: fakesys.Options{Pid: 1}, Services: one("daemon {sleep 2s; exit 0}; sleep forever"), Actions: []Action{term(10 * second)}},
			"0s starting, 0s running, 10s stopping, 10s stopped, end at 10s"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.s.EndAt == 0 {
				c.s.EndAt = 10 * time.Minute
			}
			if c.s.Machine.Faults != nil && c.s.HealAt == 0 {
				c.s.HealAt = c.s.EndAt
			}
			assert.Equal(t, c.seen, seen(holds(t, c.s)))
		})
	}
}
