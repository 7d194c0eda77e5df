package simplan_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/simplan"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

const ms = time.Millisecond

func service(name, script string) simplan.Service {
	svc := config.NewService(name, "/usr/bin/"+name, "--with", "arguments")
	svc.MaxRestarts, svc.Backoff.Initial, svc.Dir = config.Unlimited, 20*ms, "somewhere"
	return simplan.Service{Service: svc, Script: script}
}

const twoOfThem = "fork {sleep forever}; print ready; sleep forever"

func play(t *testing.T, services []simplan.Service, faults ...chaos.PlannedFault) *sim.Report {
	t.Helper()
	plan := chaos.Plan{Version: chaos.PlanVersion, Tick: time.Second, Duration: 5 * time.Second, Faults: faults}
	s, left := simplan.Scenario(plan, config.CgroupAuto, services, false)
	require.Empty(t, left)
	r := s.RunTraced(fakesys.Zero{})
	require.Empty(t, r.Violations, "%s\n%s", s, r.Trace)
	return r
}

// Each fault of the catalogue has its effect in the simulator, or a reason why not.
func TestEveryFaultIsTranslatedOrUnsupported(t *testing.T) {
	for _, fault := range chaos.FaultNames() {
		args := chaos.Catalogue[fault].Args
		if len(args) == 0 {
			args = []string{""}
		}
		for _, arg := range args {
			planned := chaos.PlannedFault{At: time.Second, Service: "web", Fault: fault, Arg: arg}
			if chaos.Catalogue[fault].TargetsSupervisor {
				planned.Service = ""
			}
			t.Run(fault+" "+arg, func(t *testing.T) {
				plan := chaos.Plan{Tick: time.Second, Duration: 5 * time.Second, Faults: []chaos.PlannedFault{planned}}
				s, left := simplan.Scenario(plan, config.CgroupAuto, []simplan.Service{service("web", twoOfThem), service("db", "")}, false)
				if len(left) > 0 {
					assert.Regexp(t, "^"+fault+": .*simulated machine", left[0])
					assert.Empty(t, s.Actions)
					return
				}
				r := s.RunTraced(fakesys.Zero{})
				require.Empty(t, r.Violations, "%s\n%s", s, r.Trace)
				assert.Empty(t, r.Spared)
				ends := 0
				for _, ch := range r.Changes {
					if ch.Service == "web" && ch.State.Phase == lifecycle.Backoff && ch.From != ch.State.Phase {
						ends++
					}
					if ch.Service == "db" {
						assert.NotEqual(t, lifecycle.Backoff, ch.State.Phase, "a bystander")
					}
				}
				if want := chaos.Catalogue[fault].Restarts; fault != "kill-member" {
					assert.Equal(t, want, ends, "restarts, in\n%s", r.Trace)
				}
			})
		}
	}
}

// As in a real run, a fault waits for a service that is coming back, up to a tick.
func TestFaultWaitsForItsService(t *testing.T) {
	kill := func(at time.Duration) chaos.PlannedFault {
		return chaos.PlannedFault{At: at, Service: "web", Fault: "kill", Arg: "KILL"}
	}
	slow := service("web", "")
	slow.Backoff.Initial = 500 * ms
	r := play(t, []simplan.Service{slow}, kill(time.Second), kill(1100*ms))
	assert.Equal(t, 2, r.Done)

	slow.Backoff.Initial = 3 * time.Second
	r = play(t, []simplan.Service{slow}, kill(time.Second), kill(1100*ms))
	assert.Equal(t, 1, r.Done)
	require.Len(t, r.Spared, 1)
	assert.Contains(t, r.Spared[0], "it was away for too long")
}

func TestMaxRestartsIsRespected(t *testing.T) {
	once := service("web", "")
	once.MaxRestarts = 1
	faults := []chaos.PlannedFault{{At: time.Second, Service: "web", Fault: "kill", Arg: "KILL"}, {At: 2 * time.Second, Service: "web", Fault: "kill", Arg: "KILL"}}
	r := play(t, []simplan.Service{once}, faults...)
	assert.Equal(t, 1, r.Done)
	assert.Equal(t, []string{"SIGKILL to web, at 4s: it would be its restart 2 in a row, and max_restarts is 1"}, r.Spared)

	plan := chaos.Plan{Tick: time.Second, Duration: 5 * time.Second, Faults: faults}
	s, _ := simplan.Scenario(plan, config.CgroupAuto, []simplan.Service{once}, true)
	r = s.RunTraced(fakesys.Zero{})
	assert.Empty(t, r.Violations)
	assert.Equal(t, 2, r.Done)
	assert.Equal(t, lifecycle.Failed, r.Changes[len(r.Changes)-1].State.Phase)
}

// A recording of a scenario replays as the same run.
func TestScenarioIsRecordedAndReplayed(t *testing.T) {
	faults := []chaos.PlannedFault{
		{At: time.Second, Service: "web", Fault: "start-exit", Arg: "75"}, {At: 3 * time.Second, Service: "web", Fault: "kill", Arg: "KILL"},
		{At: 2 * time.Second, Service: "web", Fault: "kill-member"}, {At: 4 * time.Second, Fault: "stop-supervisor", Arg: "1s"},
	}
	s, _ := simplan.Scenario(chaos.Plan{Seed: 3, Tick: time.Second, Duration: 5 * time.Second, Faults: faults}, config.CgroupAuto, []simplan.Service{service("web", twoOfThem)}, false)
	rec, first := sim.RecordScenario(s, fakesys.FromSeed(3))
	again, err := sim.ParseRecording(rec.String())
	require.NoError(t, err)
	assert.Equal(t, first.Hash, again.Run().Hash)
	assert.NotEqual(t, first.Hash, func() uint64 {
		again.Scenario.Actions = again.Scenario.Actions[1:]
		return again.Run().Hash
	}())
}
