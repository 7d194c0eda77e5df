package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

// Who is failed, or is to be started only when it is too late, is not waited for.
func TestWhatCannotBecomeSteadyIsHopeless(t *testing.T) {
	const until = time.Hour
	for name, c := range map[string]struct {
		told        chaos.Event
		allowGiveUp bool
		phase       chaos.Phase
		want        string
	}{
		"running":                    {told: chaos.Event{To: "running"}},
		"nothing told":               {},
		"soon to be started":         {told: chaos.Event{To: "backoff", At: time.Minute, Delay: 58*time.Minute + 59*time.Second}},
		"started again every moment": {told: chaos.Event{To: "backoff", At: time.Hour - 1, Delay: time.Second}},
		"exited":                     {told: chaos.Event{To: "exited"}},
		"to be started too late":     {told: chaos.Event{To: "backoff", At: time.Minute, Delay: time.Hour, Outcome: "exit status 3"}, want: "web is to be started again after 1h0m0s (exit status 3): that is too late to become steady"},
		"failed":                     {told: chaos.Event{To: "failed", Outcome: "exit status 3"}, want: "web is failed for good (exit status 3): it cannot become steady"},
		"failed before the faults":   {told: chaos.Event{To: "failed"}, allowGiveUp: true, phase: chaos.WarmUp, want: "web is failed for good: it cannot become steady"},
		"given up, which it may be":  {told: chaos.Event{To: "failed"}, allowGiveUp: true, phase: chaos.Faults},
	} {
		r := underWay()
		r.AllowGiveUp, r.states["web"], r.h.Phases = c.allowGiveUp, serviceState{Event: c.told}, []chaos.Span{{Phase: c.phase}}
		assert.Equal(t, c.want, r.whyHopeless(until), name)
	}
}
