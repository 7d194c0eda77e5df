package chaos

import (
	"maps"
	"slices"
	"strings"
)

// Fault is something that can be done to a service, or to the supervisor.
type Fault struct {
	Story string // one line for people
	// Args are what a plan chooses from, such as signals.
	Args []string
	// Lethal: the main process that is hit must end of it, and be replaced.
	Lethal bool
}

// Catalogue are the faults by their names on the command line.
var Catalogue = map[string]Fault{
	"kill": {Story: "the main process is killed", Args: []string{"KILL"}, Lethal: true},
}

func faultNames() string { return strings.Join(slices.Sorted(maps.Keys(Catalogue)), ", ") }
