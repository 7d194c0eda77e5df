package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos/faultysup"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// TestEachBoundCatchesItsBug is TestEachRuleCatchesItsBug for what a single
// service, or a program that goes well, does not bring out.
func TestEachBoundCatchesItsBug(t *testing.T) {
	delegated := fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/user", Own: "/user/me", NoKillFile: true}}
	reportedUnkillable := Scenario{Services: one("block 30s; sleep forever"), Actions: []Action{command(10*time.Second, lifecycle.Stop, "web")}}
	failing := Scenario{Services: one("exit 1", func(s *Service) { s.MaxRestarts, s.Backoff.Factor = config.Unlimited, 1 })}
	for name, bug := range map[string]struct {
		rule  string
		s     Scenario
		plant func(*supervisor.Options)
	}{
		"tells one service later": {"10 ", Scenario{Services: append(one(Healthy), NewService("worker", Healthy))},
			between(faultysup.DropFirstStopSignal)},
		"freezes the group that it was started in": {"14 ", Scenario{Machine: delegated, Services: one("fork {ignore TERM; sleep forever}; sleep 1s; exit 1")},
			between(faultysup.FreezeParentCgroup)},
		"acts on a deadline before its time": {"15 ", Scenario{Services: one("", func(s *Service) { s.File = fakesys.Hanging })},
			between(faultysup.AdvanceClock)},
		"keeps a handle for each that it gives back": {"16 descriptors are closed: 1", failing,
			between(faultysup.LeakPidfds)},
		"does not see that the unkillable has died": {"25 ", reportedUnkillable,
			between(faultysup.MissExits)},
	} {
		t.Run(name, func(t *testing.T) {
			bug.s.EndAt = 3 * time.Minute
			sound := bug.s.RunTraced(fakesys.Zero{})
			require.Empty(t, sound.Violations, "nothing is planted yet")
			bug.s.Plant = bug.plant
			r := bug.s.RunTraced(fakesys.Zero{})
			require.NotEmpty(t, r.Violations, "%s", story(bug.s, r, 30))
			assert.Contains(t, r.Violations[0], "invariant "+bug.rule, "%s", story(bug.s, r, 30))
		})
	}
}
