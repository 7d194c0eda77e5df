package simplan_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/chaos/simplan"
	"github.com/gosv/gosv/config"
)

// storms is the number of random plans.
const storms = 30

// The plans have every fault, random rates, and services with random policies.
func TestRandomPlansViolateNoInvariant(t *testing.T) {
	for seed := range uint64(storms) {
		plan, services := storm(seed)
		s, _ := simplan.Scenario(plan, config.CgroupAuto, services, seed%3 == 0)
		r := s.Run(simplan.Choices(plan))
		require.Empty(t, r.Violations, "seed %d: %s", seed, s)
		require.Positive(t, r.Done, "seed %d", seed)
	}
}

func storm(seed uint64) (chaos.Plan, []simplan.Service) {
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(of ...int) int { return of[random.IntN(len(of))] }
	var services []simplan.Service
	var names []string
	for i, script := range []string{"", "print ready; sleep forever", twoOfThem, "on TERM {sleep 200ms; exit 0}; loop {print tick; sleep 100ms}", "daemon {setsid; sleep forever}; sleep forever", "ignore TERM; sleep forever"} {
		svc := service(fmt.Sprintf("s%d", i), script)
		svc.MaxRestarts = pick(config.Unlimited, config.Unlimited, 5, 20)
		svc.Restart = []config.Restart{config.RestartAlways, config.RestartAlways, config.RestartOnFailure}[random.IntN(3)]
		svc.Backoff.Initial = time.Duration(pick(0, 20, 500)) * ms
		svc.Backoff.Jitter = float64(pick(0, 1)) / 2
		svc.Backoff.ResetAfter = time.Duration(pick(500, 2000)) * ms
		svc.StopTimeout = time.Duration(pick(0, 100, 3000)) * ms
		services, names = append(services, svc), append(names, svc.Name)
	}
	plan, err := chaos.Generate(chaos.Request{Seed: seed, Rates: chaos.Rates{Kill: float64(pick(1, 5, 10)) / 10}, Tick: time.Second,
		Duration: 20 * time.Second, Faults: chaos.FaultNames(), Services: names})
	if err != nil {
		panic(err) // the request is a constant, except for its rate
	}
	return plan, services
}
