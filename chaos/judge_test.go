package chaos_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// healthy is a run in which web was killed twice. No fault was injected into db.
func TestHealthyRunPasses(t *testing.T) {
	verdicts := chaos.Judge(healthy(), chaos.Rules{Slack: chaos.DefaultSlack})
	require.Len(t, verdicts, 11)
	for _, v := range verdicts[:9] {
		assert.Equal(t, chaos.Pass, v.Outcome, "%d %s: %q", v.Number, v.Name, v.Evidence)
	}
	assert.Equal(t, chaos.Pass, chaos.Conclude(healthy(), verdicts))
}

// late is a run in which the first restart came 200 ms after its delay of 100 ms.
// A late restart is excused by what the machine did while the restart was due, and not by
// what it did before or after that.
// A supervisor that is 300 ms late each time is not excused by a machine that delays
// threads a little again and again.
// A process may end before the observer can look.
func TestShortRunNeedNotBeObserved(t *testing.T) {
	unobserved := func(lived, stopped, waited time.Duration) chaos.Outcome {
		h := healthy()
		h.Processes = append(h.Processes[:1], h.Processes[2:]...)
		h.Events[7].At = h.Events[6].At + lived
		if stopped != 0 {
			h.Injections = append(h.Injections, stalled(h.Events[6].At, h.Events[6].At+stopped))
		}
		h.SchedDelays = []chaos.Interval{{From: h.Events[6].At, To: h.Events[6].At + waited}}
		return judge(h)[2]
	}
	assert.Equal(t, chaos.Pass, unobserved(990*ms, 0, 0))
	assert.Equal(t, chaos.Fail, unobserved(1090*ms, 0, 0))
	assert.Equal(t, chaos.Pass, unobserved(1090*ms, 95*ms, 0))
	assert.Equal(t, chaos.Pass, unobserved(1090*ms, 0, 95*ms))
}

// A child of db outlived it while it was being stopped: gosv reports the end of the last.
func TestEndOfTheLastProcessCountsAsExitReport(t *testing.T) {
	h := healthy()
	last := &h.Events[len(h.Events)-1]
	require.Equal(t, "stopped", last.To)
	last.Cause = "emptied"
	assert.Equal(t, chaos.Pass, judge(h)[3])
}

func TestVerdictOfOneChangedFact(t *testing.T) {
	for name, c := range map[string]struct {
		verdict int
		want    chaos.Outcome
		spoil   func(*chaos.History)
	}{
		"never stable":        {1, chaos.Inconclusive, func(h *chaos.History) { h.Phases[0].Failure = "web did not run for a second" }},
		"two at once":         {2, chaos.Fail, func(h *chaos.History) { h.Processes[1].Overlapping = []int{10} }},
		"a leftover beside":   {2, chaos.Fail, func(h *chaos.History) { h.Processes[1].Leftovers = []int{15} }},
		"an event is missing": {2, chaos.Fail, func(h *chaos.History) { h.Events = append(h.Events[:5], h.Events[6:]...) }},
		"restarts jump":       {2, chaos.Fail, func(h *chaos.History) { h.Events[9].Restarts = 4 }},
		"an unreported process": {2, chaos.Fail, func(h *chaos.History) {
			h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "db", Pid: 99, FirstSeen: 20 * ms})
		}},
		"an unobserved process":       {2, chaos.Fail, func(h *chaos.History) { h.Processes = h.Processes[:3] }},
		"a killed process that lives": {3, chaos.Fail, func(h *chaos.History) { h.Processes[0].ExitedAt = 0 }},
		"an unreported exit":          {3, chaos.Fail, func(h *chaos.History) { h.Events = h.Events[:13] }},
		"an exit reported twice":      {3, chaos.Fail, func(h *chaos.History) { h.Events[7].Pid = 10 }},
		"a lost restart":              {3, chaos.Fail, func(h *chaos.History) { h.Events = append(h.Events[:8:8], h.Events[12:]...) }},
		"an early give-up":            {3, chaos.Fail, func(h *chaos.History) { h.Events[7].To = "failed" }},
		"a wrong delay":               {4, chaos.Fail, func(h *chaos.History) { h.Events[7].Delay = 100 * ms }},
		"too early":                   {4, chaos.Fail, func(h *chaos.History) { h.Events[6].At = 2050 * ms }},
		"too late":                    {4, chaos.Fail, func(h *chaos.History) { h.Events[6].At = 2400 * ms }},
		"does not settle":             {5, chaos.Fail, func(h *chaos.History) { h.Phases[3].Failure = "web is in backoff" }},
		"never settled":               {5, chaos.Inconclusive, func(h *chaos.History) { h.Phases = h.Phases[:2] }},
		"a bystander that was hurt":   {6, chaos.Fail, func(h *chaos.History) { h.Processes[3].ExitedAt = 2500 * ms }},
		"a bystander that was reborn": {6, chaos.Fail, func(h *chaos.History) {
			h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "db", Pid: 21, FirstSeen: 4000 * ms})
		}},
		"a long shutdown":   {7, chaos.Fail, func(h *chaos.History) { h.End.At = 30 * time.Second }},
		"a hung supervisor": {7, chaos.Fail, func(h *chaos.History) { h.End.Hung = true }},
		"a bad status":      {7, chaos.Fail, func(h *chaos.History) { h.End.Status = 1 }},
		"an early end":      {7, chaos.Fail, func(h *chaos.History) { h.End.Early = true }},
		"killed at once":    {7, chaos.Fail, func(h *chaos.History) { killedAtTheEnd(h) }},
		"killed at once with its children": {7, chaos.Fail, func(h *chaos.History) {
			killedAtTheEnd(h)
			h.Events[11].Cause = "emptied"
		}},
		"ended by its stop signal": {7, chaos.Pass, func(*chaos.History) {}},
		"SIGKILL as stop signal": {7, chaos.Pass, func(h *chaos.History) {
			killedAtTheEnd(h)
			h.Services[0].StopSignal = syscall.SIGKILL
		}},
		"killed by a fault": {7, chaos.Pass, func(h *chaos.History) {
			killedAtTheEnd(h)
			h.Injections = append(h.Injections, chaos.Injection{PlannedFault: chaos.PlannedFault{Service: "web", Fault: "kill"}, At: 5999 * ms, Pid: 12, Lethal: true})
		}},
		"ignores its stop signal":     {7, chaos.Pass, func(h *chaos.History) { killedLate(h, false) }},
		"its signal was never sent":   {7, chaos.Fail, func(h *chaos.History) { killedLate(h, true) }},
		"a slow stop beside a fast":   {7, chaos.Fail, func(h *chaos.History) { h.Services[1].StopTimeout = time.Second; h.Processes[3].ExitedAt = 12200 * ms }},
		"a stop that took all it may": {7, chaos.Pass, func(h *chaos.History) { h.Services[1].StopTimeout = time.Second; h.Processes[3].ExitedAt = 12000 * ms }},
		"a leak":                      {8, chaos.Fail, func(h *chaos.History) { h.Leaks = []chaos.Leak{{Kind: "zombie", What: "12"}} }},
		"nothing was done": {9, chaos.Inconclusive, func(h *chaos.History) {
			h.Injections[0].Skipped, h.Injections[1].Skipped = "it was in backoff", "it was in backoff"
		}},
	} {
		h := healthy()
		c.spoil(&h)
		assert.Equal(t, c.want, judge(h)[c.verdict], name)
	}
}

// killedLate makes web end by SIGKILL after its stop_timeout.
// killedAtTheEnd makes SIGKILL the end of web at the shutdown.
func TestGivingUpIsAllowedExactlyAtTheLimit(t *testing.T) {
	h := healthy()
	h.Services[0].MaxRestarts = 2
	h.Events = append(h.Events[:10:10], chaos.Event{At: 3500 * ms, Service: "web", From: "running", To: "failed", Cause: "main-exited", Pid: 12, Attempt: 2, Restarts: 2})
	for _, allowed := range []bool{true, false} {
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack, AllowGiveUp: allowed})[2]
		blamed := strings.Contains(strings.Join(v.Evidence, "\n"), "given up at")
		assert.Equal(t, !allowed, blamed, "%q", v.Evidence)
	}
}

// A shutdown that begins while leftover processes are being killed is reported when they are
// gone. The exit of the main process was reported before.
func TestShutdownAmongLeftoversIsNoSecondExitReport(t *testing.T) {
	h := healthy()
	h.Events = append(h.Events[:5:5],
		chaos.Event{At: 2001 * ms, Service: "web", From: "backoff", To: "stopping", Cause: "stop", Pid: 10},
		chaos.Event{At: 2002 * ms, Service: "web", From: "stopping", To: "stopped", Cause: "emptied", Pid: 10})
	v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[2]
	assert.NotContains(t, strings.Join(v.Evidence, "\n"), "was reported 2 times")
	h.Events[6].Cause = "main-exited"
	v = chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[2]
	assert.Contains(t, strings.Join(v.Evidence, "\n"), "was reported 2 times")
}

// PIDs are used again, in the same service and in another one.
func TestReusedPIDIsAnotherProcess(t *testing.T) {
	renumbered := func(was, is int) chaos.History {
		h := healthy()
		for i := range h.Events {
			if h.Events[i].Pid == was {
				h.Events[i].Pid = is
			}
		}
		for i := range h.Processes {
			if h.Processes[i].Pid == was {
				h.Processes[i].Pid = is
			}
		}
		return h
	}
	assert.NotContains(t, outcomes(renumbered(12, 10)), chaos.Fail)
	h := renumbered(12, 10)
	h.Services = append(h.Services, config.NewService("late", "late"))
	h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "late", Pid: 11, FirstSeen: 4000 * ms, ExitedAt: 6020 * ms})
	late := func(at time.Duration, from, to, cause string) chaos.Event {
		return chaos.Event{At: at, Service: "late", From: from, To: to, Cause: cause, Pid: 11}
	}
	h.Events = append(h.Events, late(3990*ms, "starting", "running", "spawned"), late(6021*ms, "running", "stopped", "main-exited"))
	assert.NotContains(t, outcomes(h), chaos.Fail, "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack}))
}

// A program that cannot run is given up before the faults: the supervisor is right, and
// nothing was tested.
func TestServiceThatFailsBeforeTheFaultsIsInconclusive(t *testing.T) {
	h := healthy()
	h.Services, h.Injections, h.Processes = h.Services[:1], nil, nil
	h.Phases = h.Phases[:1]
	h.Phases[0].Failure = "web is failed"
	h.Services[0].MaxRestarts = 0
	h.Events = []chaos.Event{{At: 5 * ms, Service: "web", From: "stopped", To: "starting"}, {At: 10 * ms, Service: "web", From: "starting", To: "failed", Cause: "spawn-failed"}}
	h.End = chaos.End{At: 20 * ms, Status: 1, Early: true}
	verdicts := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})
	for _, v := range verdicts {
		assert.NotEqual(t, chaos.Fail, v.Outcome, "%d: %q", v.Number, v.Evidence)
	}
	assert.Equal(t, chaos.Inconclusive, chaos.Conclude(h, verdicts))
	assert.True(t, h.EndedByItself())
	h.End.Status = 137
	assert.False(t, h.EndedByItself(), "it was killed")
}

func TestRunThatDidNotBeginIsInconclusive(t *testing.T) {
	h := chaos.History{Services: healthy().Services}
	verdicts := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})
	for _, v := range verdicts[:9] {
		assert.Equal(t, chaos.Inconclusive, v.Outcome, "%d: %q", v.Number, v.Evidence)
	}
	assert.Equal(t, []string{"nothing was started"}, verdicts[0].Evidence)
	h.Aborted = "why"
	assert.Equal(t, []string{"nothing was started: why"}, chaos.Judge(h, chaos.Rules{})[0].Evidence)
	assert.Equal(t, chaos.Inconclusive, chaos.Conclude(h, verdicts))
}

// A supervisor without a handler of TERM has not crashed.
func TestSupervisorKilledInTheShutdownHasCrashed(t *testing.T) {
	for status, want := range map[int]chaos.Outcome{0: chaos.Pass, 1: chaos.Fail, 128 + 9: chaos.Crashed, 128 + 11: chaos.Crashed, 128 + 15: chaos.Fail} {
		h := healthy()
		h.End.Status = status
		assert.Equal(t, want, chaos.Conclude(h, chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})), status)
	}
}

// Faults that "all" stands for may be unsupported.
// A start that is made to fail costs a restart of its own, and more if the delays are
// shorter than the time it takes to see the first failure.
// stalled is a fault that stopped the supervisor.
// A restart that was due while the supervisor was stopped may be late by that time, and no
// more.
func TestServicesAreBystandersOfFaultsInTheSupervisor(t *testing.T) {
	h := healthy()
	h.Injections = append(h.Injections, stalled(2050*ms, 2390*ms))
	assert.Equal(t, chaos.Pass, judge(h)[6])
	h.Processes[3].ExitedAt = 2400 * ms
	assert.Equal(t, chaos.Fail, judge(h)[6])
}

// withFailedStart is a run in which the first restart of web failed once.
// A start that the machine made fail is not counted, and is delayed by at least 10 ms.
// A process may end of a fault that is not lethal.
func TestFaultThatIsNotLethalMayEndAProcess(t *testing.T) {
	h := healthy()
	h.Injections[0].Fault, h.Injections[0].Lethal = "kill-member", false
	assert.NotContains(t, outcomes(h), chaos.Fail)
	h.Injections[1].Fault, h.Injections[1].Lethal = "stop", false
	assert.NotContains(t, outcomes(h), chaos.Fail)
}

// gosv does not count a repeated start as a restart.
