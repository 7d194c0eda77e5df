package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

// The warm-up ends at once if a service has failed or starts too late.
func TestServiceThatCannotBecomeStableIsHopeless(t *testing.T) {
	const until = time.Hour
	for name, c := range map[string]struct {
		event       chaos.Event
		allowGiveUp bool
		phase       chaos.Phase
		want        string
	}{
		"running":                    {event: chaos.Event{To: "running"}},
		"nothing reported":           {},
		"soon to be started":         {event: chaos.Event{To: "backoff", At: time.Minute, Delay: 58*time.Minute + 59*time.Second}},
		"started again every moment": {event: chaos.Event{To: "backoff", At: time.Hour - 1, Delay: time.Second}},
		"exited":                     {event: chaos.Event{To: "exited"}},
		"to be started too late":     {event: chaos.Event{To: "backoff", At: time.Minute, Delay: time.Hour, Outcome: "exit status 3"}, want: "web will be started again after 1h0m0s (exit status 3), too late to become stable"},
		"failed":                     {event: chaos.Event{To: "failed", Outcome: "exit status 3"}, want: "web failed for good (exit status 3)"},
		"failed before the faults":   {event: chaos.Event{To: "failed"}, allowGiveUp: true, phase: chaos.WarmUp, want: "web failed for good"},
		"given up, as allowed":       {event: chaos.Event{To: "failed"}, allowGiveUp: true, phase: chaos.Faults},
	} {
		r := underWay()
		r.AllowGiveUp, r.states["web"], r.h.Phases = c.allowGiveUp, serviceState{Event: c.event}, []chaos.Span{{Phase: c.phase}}
		assert.Equal(t, c.want, r.whyHopeless(until), name)
	}
}
