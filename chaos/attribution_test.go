package chaos_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// withJob is a healthy run with a job that ends at 3.5s, as its policy allows.
func withJob(restart config.Restart) chaos.History {
	h := healthy()
	job := config.NewService("job", "job")
	job.Restart = restart
	h.Services = append(h.Services, job)
	h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "job", Pid: 30, FirstSeen: 10 * ms, ExitedAt: 3500 * ms})
	h.Events = append(h.Events, chaos.Event{At: 5 * ms, Service: "job", From: "stopped", To: "starting", Cause: "start"},
		chaos.Event{At: 8 * ms, Service: "job", From: "starting", To: "running", Cause: "spawned", Pid: 30},
		chaos.Event{At: 3501 * ms, Service: "job", From: "running", To: "exited", Cause: "main-exited", Pid: 30, Exit: chaos.ExitStatus{Known: true}})
	return h
}

func TestJobMayEnd(t *testing.T) {
	for _, restart := range []config.Restart{config.RestartOnFailure, config.RestartNever} {
		h := withJob(restart)
		assert.NotContains(t, outcomes(h), chaos.Fail, restart)
		h.Injections = append(h.Injections, chaos.Injection{PlannedFault: chaos.PlannedFault{Service: "job", Fault: "stop", Arg: "100ms"}, At: 1500 * ms, UndoneAt: 1600 * ms, Pid: 30})
		assert.NotContains(t, outcomes(h), chaos.Fail, "stopped for a while before")
	}
	assert.Equal(t, chaos.Fail, judge(withJob(config.RestartAlways))[3])
}

// cyclic is a healthy run in which db, without faults, ends at some instants and is
// restarted at once.
func cyclic(at ...time.Duration) chaos.History {
	h := healthy()
	h.Services[1].Backoff = config.Backoff{ResetAfter: 0}
	event := func(at time.Duration, from, to, cause string, pid, attempt, restarts int) {
		e := chaos.Event{At: at, Service: "db", From: from, To: to, Cause: cause, Pid: pid, Attempt: attempt, Restarts: restarts}
		if cause == "main-exited" {
			e.Exit = h.Processes[3].Exit
		}
		h.Events = append(h.Events, e)
	}
	h.Events = append(h.Events[:12:12], h.Events[12:]...)
	stop := h.Events[12:]
	h.Events = h.Events[:12:12]
	pid := 20
	for i, at := range at {
		h.Processes[3+i].ExitedAt = at
		event(at+ms, "running", "backoff", "main-exited", pid, 1, i)
		event(at+ms, "backoff", "starting", "deadline", 0, 1, i+1)
		pid++
		event(at+2*ms, "starting", "running", "spawned", pid, 1, i+1)
		h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "db", Pid: pid, FirstSeen: at + 3*ms, ExitedAt: 6040 * ms, Exit: h.Processes[3].Exit})
	}
	for _, e := range stop {
		event(e.At, e.From, e.To, e.Cause, pid, 1, len(at))
	}
	return h
}

// A service that ended by itself before the faults may do so again.
func TestServiceThatEndsByItselfIsInconclusive(t *testing.T) {
	h := cyclic(500*ms, 2500*ms)
	assert.Equal(t, chaos.Inconclusive, judge(h)[6])
	assert.NotContains(t, outcomes(h), chaos.Fail)
	assert.Equal(t, chaos.Fail, judge(cyclic(2500 * ms))[6], "never before the faults")
	assert.Equal(t, chaos.Pass, judge(cyclic(500 * ms))[6], "only before the faults")
	disturbed := func(h chaos.History, pid int) chaos.History {
		h.Injections = append(h.Injections, chaos.Injection{PlannedFault: chaos.PlannedFault{Service: "db", Fault: "stop", Arg: "100ms"}, At: 4000 * ms, UndoneAt: 4100 * ms, Pid: pid})
		return h
	}
	assert.Equal(t, chaos.Inconclusive, judge(disturbed(cyclic(500*ms, 2500*ms), 22))[3])
	assert.Equal(t, chaos.Fail, judge(disturbed(cyclic(2500*ms), 21))[3])
}

func TestInterruptedPhaseIsInconclusive(t *testing.T) {
	h := healthy()
	h.Phases[3].Failure = chaos.Interrupted
	assert.Equal(t, chaos.Inconclusive, judge(h)[5])
	h = healthy()
	h.Aborted = chaos.Interrupted
	h.End.Hung, h.End.Status = true, 137
	assert.Equal(t, chaos.Inconclusive, judge(h)[7], "the operator did not wait")
}

func TestOnlySafetyIsJudgedIfServicesWereNotStable(t *testing.T) {
	h := killed(policy(), 500*ms)
	h.Services[0].MaxRestarts = 0 // wrong, if it were judged
	h.Injections, h.Phases = nil, []chaos.Span{{Phase: chaos.WarmUp, To: 2 * time.Second, Failure: "web did not run for a second"}, {Phase: chaos.Shutdown, From: 2 * time.Second, To: h.End.At}}
	h.Leaks = []chaos.Leak{{Kind: "file", What: "x"}}
	rules := chaos.Rules{Slack: chaos.DefaultSlack}
	for _, v := range chaos.Judge(h, rules)[:9] {
		want := chaos.Inconclusive
		if v.Number == 2 {
			want = chaos.Pass
		}
		assert.Equal(t, want, v.Outcome, "%d %s: %q", v.Number, v.Name, v.Evidence)
	}
	assert.Equal(t, chaos.Inconclusive, chaos.Conclude(h, chaos.Judge(h, rules)))
	h.Processes[1].Overlapping = []int{10}
	assert.Equal(t, chaos.Fail, chaos.Conclude(h, chaos.Judge(h, rules)))
}

func TestOutcomeOfARun(t *testing.T) {
	for name, c := range map[string]struct {
		want  chaos.Outcome
		spoil func(*chaos.History)
	}{
		"healthy":                       {chaos.Pass, func(*chaos.History) {}},
		"a leak":                        {chaos.Fail, func(h *chaos.History) { h.Leaks = []chaos.Leak{{Kind: "file", What: "x"}} }},
		"few faults injected":           {chaos.Inconclusive, func(h *chaos.History) { h.Plan.Faults = make([]chaos.PlannedFault, 20) }},
		"interrupted at the very end":   {chaos.Inconclusive, func(h *chaos.History) { h.Aborted = chaos.Interrupted }},
		"interrupted, and wrong":        {chaos.Fail, func(h *chaos.History) { h.Aborted, h.Processes[1].Overlapping = chaos.Interrupted, []int{10} }},
		"chaos itself failed":           {chaos.Inconclusive, func(h *chaos.History) { h.Aborted = "cannot continue web" }},
		"hung":                          {chaos.Crashed, func(h *chaos.History) { h.End.Hung = true }},
		"ended early":                   {chaos.Crashed, func(h *chaos.History) { h.End.Early = true }},
		"ended early before the faults": {chaos.Crashed, func(h *chaos.History) { h.End.Early, h.Phases[0].Failure = true, "the supervisor ended" }},
		"it cannot run here": {chaos.Inconclusive, func(h *chaos.History) {
			h.End.Early, h.End.Refused, h.Phases[0].Failure = true, true, "the supervisor ended"
		}},
	} {
		h := healthy()
		c.spoil(&h)
		verdicts := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})
		assert.Equal(t, c.want, chaos.Conclude(h, verdicts), name)
		failed := strings.Contains(strings.Join(words(verdicts), " "), "fail")
		assert.Equal(t, c.want == chaos.Fail || c.want == chaos.Crashed, failed, "%s: a failure is shown where there is one", name)
	}
}

func words(verdicts []chaos.Verdict) (all []string) {
	for _, v := range verdicts {
		all = append(all, string(v.Outcome))
	}
	return all
}

// gosv ends if all services were given up. That is no shutdown.
func TestSupervisorThatEndsByItselfIsInconclusive(t *testing.T) {
	web := policy()
	web.MaxRestarts = 1
	h := killed(web, 500*ms, 500*ms)
	ends(&h, 1, "failed", 1)
	h.Phases, h.End = h.Phases[:2], chaos.End{At: h.Events[len(h.Events)-1].At + 10*ms, Status: 1, Early: true}
	rules := chaos.Rules{Slack: chaos.DefaultSlack, AllowGiveUp: true}
	verdicts := chaos.Judge(h, rules)
	require.Equal(t, chaos.Inconclusive, verdicts[6].Outcome)
	assert.Equal(t, chaos.Inconclusive, chaos.Conclude(h, verdicts))
	h.Phases = append(h.Phases, chaos.Span{Phase: chaos.Settle, From: h.Phases[1].To, Failure: "the supervisor ended; web is failed"})
	verdicts = chaos.Judge(h, rules)
	assert.Equal(t, chaos.Inconclusive, verdicts[4].Outcome, "there was nothing to settle")
}
