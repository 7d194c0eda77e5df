package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

// limited is a run in which a limit on memory ended one process after another. Only the
// first of them is the process that the limit was set for.
func limited(undone time.Duration) chaos.History {
	h := killed(unlimited(), 500*ms, 300*ms, 300*ms)
	set := h.Injections[0]
	set.Fault, set.Arg, set.Lethal, set.UndoneAt = "memory", "", false, undone
	h.Injections, h.Plan.Faults = []chaos.Injection{set}, []chaos.PlannedFault{set.PlannedFault}
	return h
}

func TestLimitExplainsEveryExitUntilItIsUndone(t *testing.T) {
	last := killed(unlimited(), 500*ms, 300*ms, 300*ms).Processes[2]
	assert.Equal(t, chaos.Pass, judge(limited(last.ExitedAt + ms))[3])
	assert.Equal(t, chaos.Pass, judge(limited(0))[3], "it was never undone")
	assert.Equal(t, chaos.Fail, judge(limited(last.FirstSeen - ms))[3], "the last process started after it")
}

func TestSkipReasonCountsEveryRestartUnderALimit(t *testing.T) {
	svc := policy()
	svc.MaxRestarts = 3
	running := chaos.ServiceState{Phase: "running"}
	assert.Contains(t, chaos.SkipReason(svc, running, chaos.Catalogue["memory"], false), "restart 4 in a row", "after 100, 200 and 400 ms")
	svc.Backoff.Initial = time.Second
	assert.Empty(t, chaos.SkipReason(svc, running, chaos.Catalogue["memory"], false))
}

func TestRecoveryTimeIsLimited(t *testing.T) {
	judgeWith := func(h chaos.History, limit time.Duration) chaos.Verdict {
		return chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack, MaxRecovery: limit})[9]
	}
	h := healthy()
	assert.Equal(t, chaos.NotRun, judgeWith(h, 0).Outcome)
	assert.Equal(t, chaos.Pass, judgeWith(h, 6*ms).Outcome)
	assert.Equal(t, chaos.Fail, judgeWith(h, 5*ms).Outcome)
	h.Processes[1].ServingAt = h.Processes[1].FirstSeen + 300*ms
	assert.Equal(t, chaos.Fail, judgeWith(h, 200*ms).Outcome, "it serves later")
	assert.Equal(t, chaos.Pass, judgeWith(h, 305*ms).Outcome)
	h.Injections = nil
	assert.Equal(t, chaos.Inconclusive, judgeWith(h, time.Second).Outcome, "nothing was measured")
}

func TestRegressionsFailTheirVerdict(t *testing.T) {
	for outcome, regressions := range map[chaos.Outcome][]string{chaos.NotRun: nil, chaos.Pass: {}, chaos.Fail: {"web: slower"}} {
		v := chaos.Judge(healthy(), chaos.Rules{Slack: chaos.DefaultSlack, Regressions: regressions})[10]
		assert.Equal(t, outcome, v.Outcome)
		assert.Equal(t, len(regressions), v.Violations)
	}
}

// On kernels that do not report statuses, the fault determines the status.
func TestStatusIsKnownFromTheFaultOnOlderKernels(t *testing.T) {
	h := healthy()
	for i := range h.Processes {
		h.Processes[i].Exit = chaos.ExitStatus{}
	}
	assert.Equal(t, chaos.Pass, judge(h)[3])
	h.Events[4].Exit = chaos.ExitStatus{Known: true}
	assert.Equal(t, chaos.Fail, judge(h)[3])
	for i := range h.Events {
		h.Events[i].Exit = chaos.ExitStatus{}
	}
	assert.Equal(t, chaos.Pass, judge(h)[3], "a supervisor that reports no status")
}

func TestShutdownNamesTheServicesThatWereKilled(t *testing.T) {
	h := healthy()
	killedLate(&h, false)
	v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[6]
	assert.Equal(t, chaos.Pass, v.Outcome)
	assert.Contains(t, v.Evidence, "killed, because they did not end within their stop_timeout: web (PID 12)")
}
