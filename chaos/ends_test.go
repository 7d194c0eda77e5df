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
		"within the slack": {func(h *chaos.History) { h.Lives[0].Gone = 1902 * ms }, chaos.Pass},
		"later":            {func(h *chaos.History) { h.Lives[0].Gone = 1900 * ms }, chaos.Fail},
		"later, for want of a processor": {func(h *chaos.History) {
			h.Lives[0].Gone = 1900 * ms
			for i := range h.Told[4:] {
				h.Told[4+i].Starved = 50 * ms
			}
		}, chaos.Pass},
		"later, and hungry long before": {func(h *chaos.History) {
			h.Lives[0].Gone = 1900 * ms
			for i, e := range h.Told {
				if e.To != "starting" {
					h.Told[i].Starved = 500 * ms
				}
			}
			h.Told[0], h.Told[1], h.Told[2], h.Told[3] = h.Told[1], h.Told[3], h.Told[0], h.Told[2]
		}, chaos.Fail},
		"later, when the supervisor was stopped": {func(h *chaos.History) {
			h.Lives[0].Gone = 1900 * ms
			h.Hits = append(h.Hits, chaos.Done{Hit: chaos.Hit{At: 1800 * ms, Service: "web", Fault: "stop"}, At: 1800 * ms, Stalls: true, Until: 1950 * ms})
		}, chaos.Pass},
	} {
		h := healthy()
		tc.change(&h)
		assert.Equal(t, tc.want, judge(h)[4], name)
	}
}
