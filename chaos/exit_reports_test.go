package chaos_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

// A supervisor that notices an end late restarts late, however punctual it is by
// its own account.
func TestAnEndThatIsNoticedLateIsLate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*chaos.History)
		want   chaos.Outcome
	}{
		"within the slack": {func(h *chaos.History) { h.Processes[0].ExitedAt = 1902 * ms }, chaos.Pass},
		"later":            {func(h *chaos.History) { h.Processes[0].ExitedAt = 1900 * ms }, chaos.Fail},
		"later, for want of a processor": {func(h *chaos.History) {
			h.Processes[0].ExitedAt = 1900 * ms
			for i := range h.Events[4:] {
				h.Events[4+i].Starved = 50 * ms
			}
		}, chaos.Pass},
		"later, and hungry long before": {func(h *chaos.History) {
			h.Processes[0].ExitedAt = 1900 * ms
			for i, e := range h.Events {
				if e.To != "starting" {
					h.Events[i].Starved = 500 * ms
				}
			}
			h.Events[0], h.Events[1], h.Events[2], h.Events[3] = h.Events[1], h.Events[3], h.Events[0], h.Events[2]
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
