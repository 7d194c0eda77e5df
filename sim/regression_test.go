package sim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// command is what an operator says at an instant.
func command(at time.Duration, kind lifecycle.Kind, service string) Action {
	return Action{At: at, Command: &kind, Service: service}
}

// holds plays a scenario without chance and wants every invariant to hold.
func holds(t *testing.T, s Scenario) *Report {
	t.Helper()
	r := s.RunTraced(fakesys.Zero{})
	assert.Empty(t, r.Violations, "%s", story(s, r, 80))
	return r
}

// In these, each of which the swarm found, gosv was wrong.

// A mkdir that failed left the service starting, without a start, until the end
// of the turn; a kill in the same turn found nothing to abort and panicked.
func TestAKillInTheTurnOfAFailedMkdir(t *testing.T) {
	refused := 0
	s := Scenario{
		Machine: fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{
			Hook: func(op fakesys.Op, target string) syscall.Errno {
				if op == fakesys.OpMkdir && target == "2" && refused == 0 {
					refused++
					return syscall.ENOSPC
				}
				return 0
			}}},
		Services: []Service{NewService("web", "sleep 1s; exit 1")},
		HealAt:   5 * time.Second, EndAt: 5 * time.Second,
	}
	s.Services[0].Backoff.Initial = 0
	s.Services[0].Backoff.Max = 0
	for at := time.Second; at < time.Second+5*time.Millisecond; at += 50 * time.Microsecond {
		s.Actions = append(s.Actions, command(at, lifecycle.Start, "web"), command(at, lifecycle.Kill, "web"))
	}
	holds(t, s)
	assert.Equal(t, 1, refused)
}

// TestATermDuringTheBootStartsNothing was told to end while it still tried out a birth in a cgroup, and started
// every service before it looked.
func TestATermDuringTheBootStartsNothing(t *testing.T) {
	s := Scenario{
		Machine:  fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: 2 * time.Second}},
		Services: []Service{NewService("web", Healthy)},
		Actions:  []Action{{At: time.Second, Signal: syscall.SIGTERM}},
		HealAt:   time.Second, EndAt: 10 * time.Second,
	}
	r := holds(t, s)
	assert.NotContains(t, r.Trace, `spawn 2 "/svc/web"`)
	assert.Empty(t, r.Changes)
	assert.True(t, r.Result.Shutdown)
}

// The start that tries out a birth in a cgroup was given up after a while and
// then forgotten: gosv ended before it did.
func TestTheProbeOfABirthIsWaitedFor(t *testing.T) {
	s := Scenario{
		Machine:  fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: 6 * time.Second}},
		Services: []Service{NewService("web", Healthy)},
		Actions:  []Action{{At: time.Second, Signal: syscall.SIGTERM}},
		HealAt:   time.Second, EndAt: 10 * time.Second,
	}
	assert.NotEmpty(t, holds(t, s).Trace)
}

// A child of a start that had been given up, and whose exit was not told, stayed
// a zombie for ever.
func TestAChildThatWasBornTooLateIsReaped(t *testing.T) {
	s := Scenario{
		Machine:  fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: 3 * time.Second, LostExit: 1}},
		Services: []Service{NewService("web", Healthy)},
		HealAt:   10 * time.Second, EndAt: 2 * time.Minute,
	}
	assert.NotEmpty(t, holds(t, s).Trace)
}

// A service that was stopped during the boot was started all the same.
func TestAStopDuringTheBootCounts(t *testing.T) {
	s := Scenario{
		Machine:  fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{SlowSpawn: 1, SlowSpawnBy: 2 * time.Second}},
		Services: []Service{NewService("web", Healthy), NewService("worker", Healthy)},
		Actions:  []Action{command(500*time.Millisecond, lifecycle.Stop, "web"), command(time.Second, lifecycle.Stop, "worker"), command(1500*time.Millisecond, lifecycle.Start, "worker")},
		HealAt:   time.Second, EndAt: 20 * time.Second,
	}
	r := holds(t, s)
	assert.NotContains(t, r.Trace, `"/svc/web"`)
	assert.Contains(t, r.Trace, `"/svc/worker"`)
}

// Where a kernel cannot give birth in a cgroup, gosv moved the process after its
// birth. What it had forked by then stayed outside, and lived on.
func TestWhatIsForkedAtOnceIsInTheCgroupToo(t *testing.T) {
	s := Scenario{
		Machine: fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{
			Hook: func(op fakesys.Op, target string) syscall.Errno {
				if op == fakesys.OpSpawn && target == "/dev/null/gosv" {
					return syscall.EBUSY
				}
				return 0
			}}},
		Cgroup:   config.CgroupRequire,
		Services: []Service{NewService("web", "daemon {setsid; sleep forever}; fork {sleep forever}; exit 1")},
		EndAt:    10 * time.Second,
	}
	holds(t, s)
}

// A look for leftovers that failed halfway kept the handles that it had opened.
func TestACensusThatFailsGivesItsHandlesBack(t *testing.T) {
	reads := 0
	s := Scenario{
		Machine: fakesys.Options{Faults: &fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
			if op == fakesys.OpReadFile && target == "stat" {
				if reads++; reads == 3 {
					return syscall.EMFILE
				}
			}
			return 0
		}}},
		Services: []Service{NewService("web", "fork {sleep forever}; fork {sleep forever}; exit 1")},
		HealAt:   5 * time.Second, EndAt: 10 * time.Second,
	}
	holds(t, s)
	assert.Greater(t, reads, 3)
}
