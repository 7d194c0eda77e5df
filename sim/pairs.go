package sim

import (
	"fmt"
	"strings"

	"github.com/gosv/gosv/supervisor/lifecycle"
)

// phases are those in which a service can meet an action.
var phases = []lifecycle.Phase{lifecycle.Stopped, lifecycle.Starting, lifecycle.Running, lifecycle.Backoff, lifecycle.Stopping, lifecycle.Exited, lifecycle.Failed}

// commands are what an operator can ask for.
var commands = []lifecycle.Kind{lifecycle.Start, lifecycle.Stop, lifecycle.Kill}

// onProcess are the external actions on a living main process.
var onProcess = []Interference{Pause, Freeze, Thaw, Evict, Grow, ChangeUser, EndLeader, LeaveGroup}

// pairFloor is the least percentage of swarm runs for each pair.
const pairFloor = 0.2

// Pairs are the phases in which services met commands and external actions in a run.
type Pairs map[string]bool

func pairName(phase string, action string) string {
	return phase + ", " + strings.TrimSuffix(action, ":")
}

// meet notes that an action happens to a service.
func (c *checker) meet(t *serviceModel, a Action) {
	if c.r.Pairs == nil {
		c.r.Pairs = Pairs{}
	}
	action := string(a.Interference)
	if a.Command != nil {
		action = a.Command.String()
	}
	c.r.Pairs[pairName(t.phase, action)] = true
}

// demanded lists the pairs that a swarm must meet. An external action needs a living
// process.
func demanded() (all []string) {
	for _, phase := range phases {
		for _, kind := range commands {
			all = append(all, pairName(phase.String(), kind.String()))
		}
	}
	for _, phase := range []lifecycle.Phase{lifecycle.Running, lifecycle.Stopping} {
		for _, action := range onProcess {
			all = append(all, pairName(phase.String(), string(action)))
		}
	}
	return all
}

// belowPairs returns the demanded pairs that too few runs have met.
func (c *Coverage) belowPairs() (all []string) {
	for _, pair := range demanded() {
		if got := c.percent(c.pairs[pair]); got < pairFloor {
			all = append(all, fmt.Sprintf("%s: met in %.2f %% of the runs, at least %g %% are required", pair, got, pairFloor))
		}
	}
	return all
}
