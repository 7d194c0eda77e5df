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

const ms = time.Millisecond

// healthy is a run in which web was killed twice. No fault was injected into db.
func healthy() chaos.History {
	web, db := config.NewService("web", "web"), config.NewService("db", "db")
	web.Backoff.Initial, web.Backoff.Max = 100*ms, time.Second
	told := func(at time.Duration, service, from, to, cause string, pid, attempt, restarts int, delay time.Duration) chaos.Event {
		e := chaos.Event{At: at, Service: service, From: from, To: to, Cause: cause, Pid: pid, Attempt: attempt, Restarts: restarts, Delay: delay}
		if cause == "main-exited" {
			e.Exit = died(syscall.SIGKILL)
		}
		if to == "stopped" {
			e.Exit = died(syscall.SIGTERM)
		}
		return e
	}
	kill := func(at time.Duration, pid int) chaos.Injection {
		return chaos.Injection{PlannedFault: chaos.PlannedFault{At: at, Service: "web", Fault: "kill", Arg: "KILL"}, At: at, Pid: pid, Lethal: true, Signal: syscall.SIGKILL}
	}
	h := chaos.History{
		Services:   []config.Service{web, db},
		Injections: []chaos.Injection{kill(2000*ms, 10), kill(3000*ms, 11)},
		Phases: []chaos.Span{
			{Phase: chaos.WarmUp, From: 0, To: 1000 * ms}, {Phase: chaos.Faults, From: 1000 * ms, To: 5000 * ms},
			{Phase: chaos.Heal, From: 5000 * ms, To: 5000 * ms}, {Phase: chaos.Settle, From: 5000 * ms, To: 6000 * ms},
			{Phase: chaos.Shutdown, From: 6000 * ms, To: 6100 * ms},
		},
		Processes: []chaos.ProcessRecord{
			{Service: "web", Pid: 10, FirstSeen: 10 * ms, ExitedAt: 2001 * ms}, {Service: "web", Pid: 11, FirstSeen: 2105 * ms, ExitedAt: 3001 * ms},
			{Service: "web", Pid: 12, FirstSeen: 3206 * ms, ExitedAt: 6050 * ms}, {Service: "db", Pid: 20, FirstSeen: 10 * ms, ExitedAt: 6040 * ms},
		},
		Events: []chaos.Event{
			told(5*ms, "web", "stopped", "starting", "start", 0, 0, 0, 0), told(8*ms, "web", "starting", "running", "spawned", 10, 0, 0, 0),
			told(6*ms, "db", "stopped", "starting", "start", 0, 0, 0, 0), told(8*ms, "db", "starting", "running", "spawned", 20, 0, 0, 0),
			told(2001*ms, "web", "running", "backoff", "main-exited", 10, 1, 0, 100*ms),
			told(2101*ms, "web", "backoff", "starting", "deadline", 0, 1, 1, 0), told(2104*ms, "web", "starting", "running", "spawned", 11, 1, 1, 0),
			told(3001*ms, "web", "running", "backoff", "main-exited", 11, 2, 1, 200*ms),
			told(3201*ms, "web", "backoff", "starting", "deadline", 0, 2, 2, 0), told(3204*ms, "web", "starting", "running", "spawned", 12, 2, 2, 0),
			told(6001*ms, "web", "running", "stopping", "stop", 12, 2, 2, 0), told(6050*ms, "web", "stopping", "stopped", "main-exited", 12, 2, 2, 0),
			told(6001*ms, "db", "running", "stopping", "stop", 20, 0, 0, 0), told(6041*ms, "db", "stopping", "stopped", "main-exited", 20, 0, 0, 0),
		},
		End: chaos.End{At: 6100 * ms},
	}
	for _, d := range h.Injections {
		h.Plan.Faults = append(h.Plan.Faults, d.PlannedFault)
	}
	for i := range h.Processes {
		h.Processes[i].Exit = died(syscall.SIGKILL)
		if h.Processes[i].ExitedAt > 6000*ms {
			h.Processes[i].Exit = died(syscall.SIGTERM)
		}
	}
	return h
}

func died(sig syscall.Signal) chaos.ExitStatus { return chaos.ExitStatus{Known: true, Signal: sig} }

func judge(h chaos.History) map[int]chaos.Outcome {
	outcomes := map[int]chaos.Outcome{}
	for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack}) {
		outcomes[v.Number] = v.Outcome
	}
	return outcomes
}

func TestHealthyRunPasses(t *testing.T) {
	verdicts := chaos.Judge(healthy(), chaos.Rules{Slack: chaos.DefaultSlack})
	require.Len(t, verdicts, 11)
	for _, v := range verdicts[:9] {
		assert.Equal(t, chaos.Pass, v.Outcome, "%d %s: %q", v.Number, v.Name, v.Evidence)
	}
	assert.Equal(t, chaos.Pass, chaos.Conclude(healthy(), verdicts))
}

// late is a run in which the first restart came 200 ms after its delay of 100 ms.
func late() chaos.History {
	h := healthy()
	h.Events[6].At += 200 * ms
	for i := range h.Processes {
		if h.Processes[i].Pid == 11 {
			h.Processes[i].FirstSeen += 200 * ms
		}
	}
	return h
}

// A late restart is excused by what the machine did while the restart was due, and not by
// what it did before or after that.
func TestOnlyABusyMachineExcusesLateness(t *testing.T) {
	for name, c := range map[string]struct {
		delays []chaos.Interval
		want   chaos.Outcome
	}{
		"an idle machine":          {nil, chaos.Fail},
		"busy while it was due":    {[]chaos.Interval{{From: 2110 * ms, To: 2250 * ms}}, chaos.Pass},
		"in two parts":             {[]chaos.Interval{{From: 2000 * ms, To: 2160 * ms}, {From: 2230 * ms, To: 2400 * ms}}, chaos.Pass},
		"busy before it was due":   {[]chaos.Interval{{From: 1500 * ms, To: 2100 * ms}}, chaos.Fail},
		"busy afterwards":          {[]chaos.Interval{{From: 2310 * ms, To: 3000 * ms}}, chaos.Fail},
		"not busy for long enough": {[]chaos.Interval{{From: 2110 * ms, To: 2190 * ms}}, chaos.Fail},
	} {
		h := late()
		h.SchedDelays = c.delays
		assert.Equal(t, c.want, judge(h)[4], name)
	}
}

// A supervisor that is 300 ms late each time is not excused by a machine that delays
// threads a little again and again.
func TestManyShortSchedDelaysDoNotExcuseALongDelay(t *testing.T) {
	h := late()
	h.Events[6].At += 100 * ms
	h.Processes[1].FirstSeen += 100 * ms
	for at := time.Duration(0); at < 6*time.Second; at += 10 * ms {
		h.SchedDelays = append(h.SchedDelays, chaos.Interval{From: at, To: at + 5*ms})
	}
	assert.Equal(t, chaos.Fail, judge(h)[4])
}

// A process may end before the observer can look.
func TestShortRunNeedNotBeObserved(t *testing.T) {
	unseen := func(lived, stopped, waited time.Duration) chaos.Outcome {
		h := healthy()
		h.Processes = append(h.Processes[:1], h.Processes[2:]...)
		h.Events[7].At = h.Events[6].At + lived
		if stopped != 0 {
			h.Injections = append(h.Injections, stalled(h.Events[6].At, h.Events[6].At+stopped))
		}
		h.SchedDelays = []chaos.Interval{{From: h.Events[6].At, To: h.Events[6].At + waited}}
		return judge(h)[2]
	}
	assert.Equal(t, chaos.Pass, unseen(990*ms, 0, 0))
	assert.Equal(t, chaos.Fail, unseen(1090*ms, 0, 0))
	assert.Equal(t, chaos.Pass, unseen(1090*ms, 95*ms, 0))
	assert.Equal(t, chaos.Pass, unseen(1090*ms, 0, 95*ms))
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
func killedLate(h *chaos.History, mortal bool) {
	h.End.At, h.Processes[2].ExitedAt, h.Processes[2].DiesOnStopSignal = 16200*ms, 16010*ms, mortal
	killedAtTheEnd(h)
}

// killedAtTheEnd makes SIGKILL the end of web at the shutdown.
func killedAtTheEnd(h *chaos.History) {
	h.Events[11].Exit, h.Processes[2].Exit = died(syscall.SIGKILL), died(syscall.SIGKILL)
}

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

func TestRecoveriesAreMeasuredByTheObserver(t *testing.T) {
	all := healthy().Recoveries()
	require.Len(t, all, 1)
	assert.Equal(t, []time.Duration{5 * ms, 6 * ms}, all[0].Times)
	assert.Equal(t, 6*ms, all[0].Quantile(1))
}

// Faults that "all" stands for may be unsupported.
func TestEveryRequestedKindIsInjected(t *testing.T) {
	kill, stop, memory := chaos.PlannedFault{Service: "web", Fault: "kill"}, chaos.PlannedFault{Service: "web", Fault: "stop"}, chaos.PlannedFault{Service: "web", Fault: "memory"}
	away := chaos.Injection{PlannedFault: stop, Skipped: "it was in backoff"}
	lacks := chaos.Injection{PlannedFault: memory, Skipped: "its cgroup has no memory.max", Unsupported: true}
	for name, c := range map[string]struct {
		asked []string
		plan  []chaos.PlannedFault
		hits  []chaos.Injection
		want  chaos.Outcome
		says  string
	}{
		"done":                       {[]string{"kill"}, nil, nil, chaos.Pass, "2 of 2"},
		"skipped":                    {[]string{"kill", "stop"}, []chaos.PlannedFault{stop}, []chaos.Injection{away}, chaos.Inconclusive, "stop was requested and never injected (it was in backoff)"},
		"lacking":                    {[]string{"kill", "memory"}, []chaos.PlannedFault{memory}, []chaos.Injection{lacks}, chaos.Inconclusive, "memory was requested and never injected (its cgroup has no memory.max)"},
		"not drawn":                  {[]string{"kill", "stop"}, nil, nil, chaos.Inconclusive, "stop was requested and is not in the plan"},
		"of a plan, skipped":         {nil, []chaos.PlannedFault{stop}, []chaos.Injection{away}, chaos.Inconclusive, "stop was requested"},
		"of a plan":                  {nil, nil, nil, chaos.Pass, "2 of 2"},
		"of all, lacking":            {[]string{"all"}, []chaos.PlannedFault{memory}, []chaos.Injection{lacks}, chaos.Pass, "not supported here: memory (its cgroup has no memory.max)"},
		"of all, lacking when tried": {[]string{"all"}, []chaos.PlannedFault{memory, memory}, []chaos.Injection{{PlannedFault: memory, Skipped: "it was starting"}, lacks}, chaos.Pass, "not supported here: memory"},
		"of all, skipped":            {[]string{"all"}, []chaos.PlannedFault{stop}, []chaos.Injection{away}, chaos.Inconclusive, "stop was requested"},
		"of all, not drawn":          {[]string{"all"}, nil, nil, chaos.Pass, "not in the plan: cpu, "},
		"of all and named, lacking":  {[]string{"all", "memory"}, []chaos.PlannedFault{memory}, []chaos.Injection{lacks}, chaos.Inconclusive, "memory was requested"},
		"done once and skipped once": {[]string{"kill"}, []chaos.PlannedFault{kill}, []chaos.Injection{{PlannedFault: kill, Skipped: "x"}}, chaos.Pass, "2 of 3"},
	} {
		h := healthy()
		h.Plan.Faults, h.Injections = append(h.Plan.Faults, c.plan...), append(h.Injections, c.hits...)
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack, Faults: c.asked})[8]
		assert.Equal(t, c.want, v.Outcome, "%s: %q", name, v.Evidence)
		assert.Contains(t, strings.Join(v.Evidence, "\n"), c.says, name)
	}
}

func TestQuantilesUseTheNearestRank(t *testing.T) {
	of := func(n int) (r chaos.Recovery) {
		for i := range n {
			r.Times = append(r.Times, time.Duration(i+1))
		}
		return r
	}
	assert.EqualValues(t, 1, of(2).Quantile(0.5))
	assert.EqualValues(t, 2, of(2).Quantile(0.95))
	assert.EqualValues(t, 1, of(1).Quantile(0.5))
	for q, want := range map[float64]int{0: 1, 0.01: 1, 0.07: 7, 0.5: 50, 0.95: 95, 0.99: 99, 1: 100} {
		assert.EqualValues(t, want, of(100).Quantile(q), "%v", q)
	}
	assert.Zero(t, of(0).Quantile(0.5))
}

func TestExcuseIsShownAndLimited(t *testing.T) {
	late := func(by time.Duration) chaos.Verdict {
		h := killed(policy(), 500*ms, 5*time.Second)
		shift(&h, h.Events[4].At, by)
		h.SchedDelays = []chaos.Interval{{From: h.Events[4].At - by, To: h.Events[4].At}}
		return chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3]
	}
	v := late(300 * ms)
	assert.Equal(t, chaos.Pass, v.Outcome, "%q", v.Evidence)
	assert.Contains(t, v.Evidence[0], "the machine explains 300ms")
	v = late(3 * time.Second)
	assert.Equal(t, chaos.Inconclusive, v.Outcome)
	assert.Contains(t, v.Evidence[0], "at most 2s is excused")
	assert.NotContains(t, late(50 * ms).Evidence[0], "the machine explains")
}

func TestSkipReasonRespectsThePolicy(t *testing.T) {
	svc := config.NewService("web", "web")
	run := func(attempt int, ran time.Duration) chaos.ServiceState {
		return chaos.ServiceState{Phase: "running", Attempt: attempt, RunningFor: ran}
	}
	kill, stop := chaos.Catalogue["kill"], chaos.Catalogue["stop"]
	assert.Empty(t, chaos.SkipReason(svc, run(4, 0), kill, false))
	assert.Contains(t, chaos.SkipReason(svc, run(5, 0), kill, false), "restart 6 in a row")
	assert.Empty(t, chaos.SkipReason(svc, run(5, svc.Backoff.ResetAfter), kill, false), "the count is zero again")
	assert.Empty(t, chaos.SkipReason(svc, run(5, 0), stop, false), "not lethal")
	assert.Empty(t, chaos.SkipReason(svc, run(5, 0), kill, true))
	assert.Equal(t, "it was in backoff", chaos.SkipReason(svc, chaos.ServiceState{Phase: "backoff"}, stop, true))
	svc.Restart = config.RestartNever
	assert.Contains(t, chaos.SkipReason(svc, run(0, 0), kill, false), "never")
}

// A start that is made to fail costs a restart of its own, and more if the delays are
// shorter than the time it takes to see the first failure.
func TestSkipReasonCountsEveryRestartOfAFault(t *testing.T) {
	svc := config.NewService("web", "web")
	run := func(attempt int) chaos.ServiceState { return chaos.ServiceState{Phase: "running", Attempt: attempt} }
	exit, missing := chaos.Catalogue["start-exit"], chaos.Catalogue["start-missing"]
	assert.Empty(t, chaos.SkipReason(svc, run(3), exit, false))
	assert.Contains(t, chaos.SkipReason(svc, run(4), exit, false), "restart 6 in a row")
	assert.Empty(t, chaos.SkipReason(svc, run(3), missing, false), "its delays are 1s, 2s, 4s")
	svc.Backoff.Initial = 300 * ms
	assert.Empty(t, chaos.SkipReason(svc, run(0), missing, false), "600ms, and 1.2s more")
	svc.Backoff.Factor = 1
	assert.Contains(t, chaos.SkipReason(svc, run(1), missing, false), "restart 6 in a row", "every 300ms")
	svc.Backoff.Initial = 0
	assert.Contains(t, chaos.SkipReason(svc, run(0), missing, false), "restart 6 in a row", "at once, any number of times")
	svc.MaxRestarts = config.Unlimited
	assert.Empty(t, chaos.SkipReason(svc, run(0), missing, false))
}

// stalled is a fault that stopped the supervisor.
func stalled(from, to time.Duration) chaos.Injection {
	return chaos.Injection{PlannedFault: chaos.PlannedFault{At: from, Fault: "stop-supervisor", Arg: "1s"}, At: from, UndoneAt: to, StopsSupervisor: true}
}

// A restart that was due while the supervisor was stopped may be late by that time, and no
// more.
func TestStoppedSupervisorMayBeLate(t *testing.T) {
	for _, c := range []struct {
		name string
		stop chaos.Injection
		want chaos.Outcome
	}{
		{"over the time when it was due", stalled(2050*ms, 2390*ms), chaos.Pass},
		{"never undone", stalled(2050*ms, 0), chaos.Pass},
		{"since before the fault", stalled(1900*ms, 2390*ms), chaos.Pass},
		{"not long enough", stalled(2050*ms, 2100*ms), chaos.Fail},
		{"too early", stalled(1500*ms, 2000*ms), chaos.Fail},
		{"too late", stalled(2500*ms, 2900*ms), chaos.Fail},
	} {
		h := healthy()
		h.Events[6].At, h.Processes[1].FirstSeen = 2404*ms, 2405*ms
		require.Equal(t, chaos.Fail, judge(h)[4])
		h.Injections = append(h.Injections, c.stop)
		assert.Equal(t, c.want, judge(h)[4], c.name)
	}
}

func TestRecoveriesLeaveOutTheTimeInWhichTheSupervisorWasStopped(t *testing.T) {
	h := healthy()
	h.Injections = append(h.Injections, stalled(2050*ms, 2390*ms))
	h.Processes[1].FirstSeen = 2455 * ms
	assert.Equal(t, []time.Duration{6 * ms, 15 * ms}, h.Recoveries()[0].Times)
}

func TestServicesAreBystandersOfFaultsInTheSupervisor(t *testing.T) {
	h := healthy()
	h.Injections = append(h.Injections, stalled(2050*ms, 2390*ms))
	assert.Equal(t, chaos.Pass, judge(h)[6])
	h.Processes[3].ExitedAt = 2400 * ms
	assert.Equal(t, chaos.Fail, judge(h)[6])
}

// withFailedStart is a run in which the first restart of web failed once.
func withFailedStart() chaos.History {
	h := healthy()
	failed := []chaos.Event{
		{At: 2103 * ms, Service: "web", From: "starting", To: "backoff", Cause: "spawn-failed", Attempt: 2, Restarts: 1, Delay: 200 * ms},
		{At: 2303 * ms, Service: "web", From: "backoff", To: "starting", Cause: "deadline", Attempt: 2, Restarts: 2},
		{At: 2305 * ms, Service: "web", From: "starting", To: "running", Cause: "spawned", Pid: 11, Attempt: 2, Restarts: 2},
	}
	h.Events = append(h.Events[:6:6], append(failed, h.Events[7:]...)...)
	for i := range h.Events[9:] {
		if e := &h.Events[9+i]; e.Service == "web" {
			e.Attempt, e.Restarts = e.Attempt+1, e.Restarts+1
		}
	}
	h.Events[9].Delay = 400 * ms
	for i := range h.Events[10:12] {
		h.Events[10+i].At += 200 * ms
	}
	h.Processes[1].FirstSeen, h.Processes[2].FirstSeen = 2306*ms, 3406*ms
	return h
}

func TestFailedStartIsPartOfTheSchedule(t *testing.T) {
	h := withFailedStart()
	for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[:9] {
		assert.Equal(t, chaos.Pass, v.Outcome, "%d %s: %q", v.Number, v.Name, v.Evidence)
	}
	assert.Equal(t, []time.Duration{6 * ms, 6 * ms}, h.Recoveries()[0].Times, "both delays are scheduled")
	for name, spoil := range map[string]func(*chaos.History){
		"a start that fails too late":      func(h *chaos.History) { h.Events[6].At = 2290 * ms },
		"a start that fails too early":     func(h *chaos.History) { h.Events[6].At = 2090 * ms },
		"a wrong delay after it":           func(h *chaos.History) { h.Events[6].Delay = 100 * ms },
		"a replacement before both delays": func(h *chaos.History) { h.Processes[1].FirstSeen = 2250 * ms },
	} {
		h := withFailedStart()
		spoil(&h)
		assert.Equal(t, chaos.Fail, judge(h)[4], name)
	}
}

func TestFailedStartMayBeLateOnABusyMachine(t *testing.T) {
	h := withFailedStart()
	for i := range h.Events[6:] {
		h.Events[6+i].At += 190 * ms
	}
	for i := range h.Processes[1:3] {
		h.Processes[1+i].FirstSeen += 190 * ms
	}
	h.Processes[1].ExitedAt += 190 * ms
	require.Equal(t, chaos.Fail, judge(h)[4])
	h.SchedDelays = []chaos.Interval{{From: 2150 * ms, To: 2270 * ms}}
	assert.Equal(t, chaos.Pass, judge(h)[4], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3].Evidence)
}

// A start that the machine made fail is not counted, and is delayed by at least 10 ms.
func TestRetryIsPartOfTheSchedule(t *testing.T) {
	retried := func(delay time.Duration) chaos.History {
		h := withFailedStart()
		h.Events[6].Attempt, h.Events[6].Delay = 1, delay
		h.Events[7].At, h.Events[8].At, h.Processes[1].FirstSeen = h.Events[6].At+delay, h.Events[6].At+delay+2*ms, h.Events[6].At+delay+3*ms
		for i := range h.Events[7:12] {
			h.Events[7+i].Attempt--
		}
		h.Events[9].Delay = 200 * ms
		for i := range h.Events[10:12] {
			h.Events[10+i].At -= 200 * ms
		}
		h.Processes[2].FirstSeen -= 200 * ms
		return h
	}
	h := retried(200 * ms)
	assert.Equal(t, chaos.Pass, judge(h)[4], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3].Evidence)
	assert.Equal(t, chaos.Fail, judge(retried(100 * ms))[4], "the delay of the restart itself")

	atOnce := func(delay time.Duration) chaos.History {
		h := retried(delay)
		h.Services[0].Backoff.Initial = 0
		h.Events[4].Delay, h.Events[9].Delay = 0, 0
		h.Events[5].At, h.Events[6].At = 2002*ms, 2003*ms
		h.Events[7].At, h.Events[8].At, h.Processes[1].FirstSeen = 2003*ms+delay, 2004*ms+delay, 2005*ms+delay
		h.Events[10].At, h.Events[11].At, h.Processes[2].FirstSeen = 3002*ms, 3003*ms, 3004*ms
		return h
	}
	h = atOnce(10 * ms)
	assert.Equal(t, chaos.Pass, judge(h)[4], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[3].Evidence)
	assert.Equal(t, chaos.Fail, judge(atOnce(0))[4], "a busy loop")
}

// A process may end of a fault that is not lethal.
func TestFaultThatIsNotLethalMayEndAProcess(t *testing.T) {
	h := healthy()
	h.Injections[0].Fault, h.Injections[0].Lethal = "kill-member", false
	assert.NotContains(t, outcomes(h), chaos.Fail)
	h.Injections[1].Fault, h.Injections[1].Lethal = "stop", false
	assert.NotContains(t, outcomes(h), chaos.Fail)
}

func outcomes(h chaos.History) (all []chaos.Outcome) {
	for _, o := range judge(h) {
		all = append(all, o)
	}
	return all
}

// gosv does not count a repeated start as a restart.
func TestRepeatedStartIsNoRestart(t *testing.T) {
	h := withFailedStart()
	for i := range h.Events {
		if e := &h.Events[i]; e.Service == "web" && i > 6 {
			e.Restarts--
		}
	}
	assert.Equal(t, chaos.Pass, judge(h)[2], "%q", chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[1].Evidence)
	h = healthy()
	h.Events[5].Restarts, h.Events[6].Restarts, h.Events[7].Restarts = 0, 0, 0
	assert.Equal(t, chaos.Fail, judge(h)[2], "a restart after an exit counts")
}
