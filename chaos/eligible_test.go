package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

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
