package chaos_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
)

func TestEveryRequestedKindIsInjected(t *testing.T) {
	kill, stop, memory := chaos.PlannedFault{Service: "web", Fault: "kill"}, chaos.PlannedFault{Service: "web", Fault: "stop"}, chaos.PlannedFault{Service: "web", Fault: "memory"}
	away := chaos.Injection{PlannedFault: stop, Skipped: "it was in backoff"}
	lacks := chaos.Injection{PlannedFault: memory, Skipped: "its cgroup has no memory.max", Unsupported: true}
	for name, c := range map[string]struct {
		asked  []string
		plan   []chaos.PlannedFault
		faults []chaos.Injection
		want   chaos.Outcome
		says   string
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
		h.Plan.Faults, h.Injections = append(h.Plan.Faults, c.plan...), append(h.Injections, c.faults...)
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack, Faults: c.asked})[8]
		assert.Equal(t, c.want, v.Outcome, "%s: %q", name, v.Evidence)
		assert.Contains(t, strings.Join(v.Evidence, "\n"), c.says, name)
	}
}
