package sim_test

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
)

// exitReported is what a run tells of each service.
func exitReported(t *testing.T, s Scenario) map[string][]string {
	t.Helper()
	r := s.RunTraced(fakesys.Zero{})
	require.Empty(t, r.Violations, "%s", story(s, r, 40))
	all := map[string][]string{}
	for _, c := range r.Changes {
		all[c.Service] = append(all[c.Service], fmt.Sprintf("%v %v -> %v", c.At, c.From, c.State.Phase))
	}
	return all
}

// A run that is changed in a way that must not matter tells the same of its
// services, to the nanosecond, in every scenario of the library.
func TestWhatMustNotMatterDoesNot(t *testing.T) {
	neighbours := func(s Scenario, more ...Service) Scenario {
		s.Services = append(slices.Clip(s.Services), more...)
		return s
	}
	hanging, busy := NewService("hangs", ""), NewService("fails", "exit 1")
	hanging.File = fakesys.Hanging
	busy.MaxRestarts, busy.Backoff = config.Unlimited, config.Backoff{Initial: 997 * time.Millisecond, Factor: 1, Max: 997 * time.Millisecond, ResetAfter: time.Minute}
	for name, change := range map[string]func(Scenario) Scenario{
		"the date": func(s Scenario) Scenario {
			s.Machine.Wall = time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC)
			return s
		},
		"the order of services": func(s Scenario) Scenario {
			s.Services = slices.Clone(s.Services)
			slices.Reverse(s.Services)
			return s
		},
		"a well-behaved neighbour":       func(s Scenario) Scenario { return neighbours(s, NewService("neighbour", Healthy)) },
		"a neighbour that never starts":  func(s Scenario) Scenario { return neighbours(s, hanging) },
		"a neighbour that fails always":  func(s Scenario) Scenario { return neighbours(s, busy) },
		"a neighbour in D state":         func(s Scenario) Scenario { return neighbours(s, NewService("blocked", "block forever")) },
		"a neighbour that is not killed": func(s Scenario) Scenario { return neighbours(s, NewService("stubborn", "ignore TERM; sleep forever")) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, one := range Library() {
				if one.Attached || slices.ContainsFunc(one.Actions, func(a Action) bool { return a.Signal == syscall.SIGKILL && a.Service == "" }) {
					continue // no neighbours; a second life, which waits for what the first left
				}
				before, after := exitReported(t, one.Scenario), exitReported(t, change(one.Scenario))
				for _, svc := range one.Services {
					assert.Equal(t, before[svc.Name], after[svc.Name], "%s: %s", one.Name, one.About)
				}
			}
		})
	}
}
