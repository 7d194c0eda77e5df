package chaos_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

// A supervisor that notices an exit late restarts late, even if its delay is right.
func TestExitThatIsReportedLateIsAViolation(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*chaos.History)
		want   chaos.Outcome
	}{
		"within the slack": {func(h *chaos.History) { h.Processes[0].ExitedAt = 1902 * ms }, chaos.Pass},
		"later":            {func(h *chaos.History) { h.Processes[0].ExitedAt = 1900 * ms }, chaos.Fail},
		"later, on a busy machine": {func(h *chaos.History) {
			h.Processes[0].ExitedAt = 1900 * ms
			h.SchedDelays = []chaos.Interval{{From: 1950 * ms, To: 1960 * ms}}
		}, chaos.Pass},
		"later, on a machine that was busy before": {func(h *chaos.History) {
			h.Processes[0].ExitedAt = 1900 * ms
			h.SchedDelays = []chaos.Interval{{From: 1000 * ms, To: 1900 * ms}}
		}, chaos.Fail},
		"later, when the supervisor was stopped": {func(h *chaos.History) {
			h.Processes[0].ExitedAt = 1900 * ms
			h.Injections = append(h.Injections, chaos.Injection{PlannedFault: chaos.PlannedFault{At: 1800 * ms, Service: "web", Fault: "stop"}, At: 1800 * ms, StopsSupervisor: true, UndoneAt: 1950 * ms})
		}, chaos.Pass},
	} {
		h := healthy()
		tc.change(&h)
		assert.Equal(t, tc.want, judge(h)[4], name)
	}
}
