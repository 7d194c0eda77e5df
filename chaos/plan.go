package chaos

import "time"

// PlanVersion is that of the file format of plans.
const PlanVersion = 1

// Plan is what is to happen: what, to whom, when. The same seed, rates and
// services give the same plan.
type Plan struct {
	Version  int            `json:"version"`
	Seed     uint64         `json:"seed"`
	Tick     time.Duration  `json:"tick_ns"`
	Duration time.Duration  `json:"duration_ns"` // of the phase of faults
	Faults   []PlannedFault `json:"hits"`        // ordered by At
}

// Hit is one fault to be done to one service.
type PlannedFault struct {
	At      time.Duration `json:"at_ns"`         // since the phase of faults began
	Service string        `json:"service"`       // "": the supervisor itself
	Fault   string        `json:"fault"`         // its name in [Catalogue]
	Arg     string        `json:"arg,omitempty"` // such as the signal's name
}
