package chaos

import "time"

// PlanVersion is the version of the file format of plans.
const PlanVersion = 2

// Plan says which faults are to be injected, where and when. The same seed, rates and
// services give the same plan.
type Plan struct {
	Version  int
	Seed     uint64
	Tick     time.Duration
	Duration time.Duration  // of the phase of faults
	Faults   []PlannedFault // in the order of At
}

// PlannedFault is one fault of a plan.
type PlannedFault struct {
	At      time.Duration // since the phase of faults began
	Service string        // empty: the supervisor itself
	Fault   string        // its name in [Catalogue]
	Arg     string        // such as the name of a signal
}
