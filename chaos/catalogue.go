package chaos

import (
	"maps"
	"slices"
	"strings"
)

// Fault is something that can be done to a service, or to the supervisor.
type Fault struct {
	Description string // one line for people
	// Args are what a plan chooses from, such as signals.
	Args []string
	// Restarts are how many in a row a hit may cost; 0: the main process does not end
	// of it.
	Restarts int
	// Failing: starts fail until it was seen that one did, so that a few more may.
	FailsStarts bool
	// Whole: it is done to the supervisor, and a hit of it names no service.
	TargetsSupervisor bool
	// Needs is what a machine or a service may lack; then a hit is skipped.
	Requires string
}

// Lethal tells whether a main process that is hit may end of it.
func (f Fault) Lethal() bool { return f.Restarts > 0 }

var (
	durations = []string{"100ms", "1s", "3s"}
	// fatal are the signals that end a process which neither handles nor ignores
	// them (signal(7)).
	fatalSignals = []string{"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
		"STKFLT", "XCPU", "XFSZ", "VTALRM", "PROF", "IO", "PWR", "SYS"}
)

const ownCgroup = "a cgroup of the service's own"

// Catalogue are the faults by their names on the command line.
var Catalogue = map[string]Fault{
	"kill":        {Description: "the main process is killed", Args: []string{"KILL"}, Restarts: 1},
	"signal":      {Description: "the main process gets a signal, which it may handle", Args: fatalSignals, Restarts: 1},
	"kill-member": {Description: "a process of the service is killed, any but the main one", Restarts: 1, Requires: "a service of several processes"},
	"kill-group":  {Description: "every process of the service is killed, one by one", Restarts: 1},
	"kill-cgroup": {Description: "the service's cgroup is killed at once (cgroup.kill)", Restarts: 1, Requires: ownCgroup + ", Linux 5.14"},
	"stop":        {Description: "the main process is stopped for a while, then continued", Args: durations},
	"freeze":      {Description: "the service's cgroup is frozen for a while (cgroup.freeze)", Args: durations, Requires: ownCgroup + ", Linux 5.2"},

	"start-missing": {Description: "the main process is killed, and its program is missing when it is started again", Restarts: 2, FailsStarts: true},
	"start-denied":  {Description: "likewise, and its program is not executable", Restarts: 2, FailsStarts: true},
	"start-busy":    {Description: "likewise, and its program is being written (ETXTBSY)", Restarts: 2, FailsStarts: true},
	"start-exit":    {Description: "likewise, and the next run exits at once with this status", Args: []string{"0", "1", "75", "255"}, Restarts: 2},
	"start-slow":    {Description: "likewise, and the next run does nothing for a while", Args: []string{"500ms", "2s"}, Restarts: 1},

	"orphan":      {Description: "the main process is killed, and its successor has a grandchild whose parent has ended", Restarts: 1},
	"escape":      {Description: "likewise, and the grandchild has left the group and the session", Restarts: 1},
	"hold-output": {Description: "the main process is killed while somebody else holds its stdout open", Args: durations, Restarts: 1},
	"flood":       {Description: "10 MB of lines come from the service's stdout"},
	"full-log":    {Description: "the supervisor cannot write its log for a while, as on a full disk", Args: durations, TargetsSupervisor: true},

	"memory":     {Description: "memory.max of the service is less than it uses, for a second", Restarts: 1, Requires: ownCgroup + " with the memory controller"},
	"cpu":        {Description: "the service gets a hundredth of a processor (cpu.max)", Args: durations, Requires: ownCgroup + " with the cpu controller"},
	"fork-burst": {Description: "the service's cgroup is full of processes, up to pids.max, for a second", Restarts: 1, Requires: ownCgroup + " with the pids controller"},

	"stop-supervisor": {Description: "the supervisor itself is stopped for a while, then continued", Args: durations, TargetsSupervisor: true},
}

// FaultNames are the names of the catalogue, sorted.
func FaultNames() []string { return slices.Sorted(maps.Keys(Catalogue)) }

func faultNames() string { return strings.Join(FaultNames(), ", ") }

// AllFaults stands for every name.
const AllFaults = "all"

// Expand puts the whole catalogue in the place of [AllFaults].
func Expand(names []string) []string {
	if slices.Contains(names, AllFaults) {
		return FaultNames()
	}
	return names
}
