package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// A process made with CLONE_PARENT exits while gosv handles the exit of its main process.
// Its child, which has left the process group, is adopted between two checks of gosv: the
// instance must not be taken for empty.
func TestChildOfAnExitingSiblingIsNotMissed(t *testing.T) {
	s := Scenario{
		Machine:  fakesys.Options{Preempt: true},
		Services: []Service{NewService("web", "sibling {fork {setsid; ignore TERM; sleep forever}; on TERM {exit 1}; sleep forever}; sleep forever")},
		Actions:  []Action{command(time.Second, lifecycle.Stop, "web"), command(time.Second, lifecycle.Start, "web")},
		EndAt:    20 * time.Second,
	}
	for seed := range uint64(300) {
		r := s.Run(fakesys.NewPCT(seed, 3, 60))
		require.Empty(t, r.Violations, "PCT seed %d", seed)
	}
}

// The main process has left the process group that it led, and the stop signal to the group
// reaches only another member, which exits at once. The main process gets the signal, too.
func TestStopReachesMainProcessThatLeftItsGroup(t *testing.T) {
	holds(t, Scenario{
		Services: one("daemon {sleep forever}; sleep forever"),
		Actions:  []Action{{At: time.Second, Interference: LeaveGroup, Service: "web"}},
		EndAt:    time.Second,
	})
}
