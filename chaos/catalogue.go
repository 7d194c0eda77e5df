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
	// Lethal: the main process that is hit may end of it, and must then be replaced.
	Lethal bool
}

// Catalogue are the faults by their names on the command line.
var Catalogue = map[string]Fault{
	"kill":        {Story: "the main process is killed", Args: []string{"KILL"}, Lethal: true},
	"signal":      {Story: "the main process gets a signal", Args: []string{"HUP", "INT", "QUIT", "ABRT", "SEGV", "TERM"}, Lethal: true},
	"kill-member": {Story: "a process of the service is killed, any but the main one"},
	"kill-group":  {Story: "every process of the service is killed", Lethal: true},
	"stop":        {Story: "the main process is stopped for a while, then continued", Args: []string{"100ms", "1s", "3s"}},
}

func faultNames() string { return strings.Join(slices.Sorted(maps.Keys(Catalogue)), ", ") }
