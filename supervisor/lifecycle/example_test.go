package lifecycle_test

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// A service is started, fails after three seconds, and waits for its restart.
func Example() {
	policy := lifecycle.PolicyOf(config.NewService("web", "server"))
	state := lifecycle.New()
	for _, e := range []struct {
		at time.Duration
		ev lifecycle.Event
	}{
		{0, lifecycle.Event{Kind: lifecycle.Start}},
		{0, lifecycle.Event{Kind: lifecycle.Spawned}},
		{3 * time.Second, lifecycle.Event{Kind: lifecycle.MainExited, Empty: true, Outcome: lifecycle.Outcome{Cause: lifecycle.ByExit, Code: 1}}},
		{4 * time.Second, lifecycle.Event{Kind: lifecycle.Deadline}},
	} {
		r := lifecycle.Step(policy, state, e.ev, e.at)
		state = r.State
		fmt.Println(e.at, e.ev.Kind, "->", state.Phase, "spawn:", r.Do&lifecycle.DoSpawn != 0)
	}
	// Output:
	// 0s start -> starting spawn: true
	// 0s spawned -> running spawn: false
	// 3s main-exited -> backoff spawn: false
	// 4s deadline -> starting spawn: true
}
