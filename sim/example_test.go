package sim_test

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sim"
)

// A service that is deaf to TERM is killed when its grace is over, and the
// checker has nothing to object to.
func Example() {
	deaf := sim.NewService("deaf", "ignore TERM; sleep forever")
	deaf.StopTimeout = 3 * time.Second
	scenario := sim.Scenario{
		Services: []sim.Service{deaf},
		Actions:  []sim.Action{{At: time.Second, Signal: syscall.SIGTERM}},
		EndAt:    time.Minute,
	}
	report := scenario.Run(fakesys.Zero{})
	fmt.Println(report.Violations, report.Time.Round(time.Second))
	// Output: [] 4s
}
