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
	// Restarts are how many in a row a hit may cost; 0: the main process does not end
	// of it.
	Restarts int
	// Failing: starts fail until it was seen that one did, so that a few more may.
	Failing bool
	// Whole: it is done to the supervisor, and a hit of it names no service.
	Whole bool
	// Needs is what a machine or a service may lack; then a hit is skipped.
	Needs string
}

// Lethal tells whether a main process that is hit may end of it.
func (f Fault) Lethal() bool { return f.Restarts > 0 }

var (
	pauses = []string{"100ms", "1s", "3s"}
	// fatal are the signals that end a process which neither handles nor ignores
	// them (signal(7)).
	fatal = []string{"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
		"STKFLT", "XCPU", "XFSZ", "VTALRM", "PROF", "IO", "PWR", "SYS"}
)

const ownGroup = "a cgroup of the service's own"

// Catalogue are the faults by their names on the command line.
var Catalogue = map[string]Fault{
	"kill":        {Story: "the main process is killed", Args: []string{"KILL"}, Restarts: 1},
	"signal":      {Story: "the main process gets a signal, which it may handle", Args: fatal, Restarts: 1},
	"kill-member": {Story: "a process of the service is killed, any but the main one", Restarts: 1, Needs: "a service of several processes"},
	"kill-group":  {Story: "every process of the service is killed, one by one", Restarts: 1},
	"kill-cgroup": {Story: "the service's cgroup is killed at once (cgroup.kill)", Restarts: 1, Needs: ownGroup + ", Linux 5.14"},
	"stop":        {Story: "the main process is stopped for a while, then continued", Args: pauses},
	"freeze":      {Story: "the service's cgroup is frozen for a while (cgroup.freeze)", Args: pauses, Needs: ownGroup + ", Linux 5.2"},

	"start-missing": {Story: "the main process is killed, and its program is missing when it is started again", Restarts: 2, Failing: true},
	"start-denied":  {Story: "likewise, and its program is not executable", Restarts: 2, Failing: true},
	"start-busy":    {Story: "likewise, and its program is being written (ETXTBSY)", Restarts: 2, Failing: true},
	"start-exit":    {Story: "likewise, and the next run exits at once with this status", Args: []string{"0", "1", "75", "255"}, Restarts: 2},
	"start-slow":    {Story: "likewise, and the next run does nothing for a while", Args: []string{"500ms", "2s"}, Restarts: 1},

	"orphan":      {Story: "the main process is killed, and its successor has a grandchild whose parent has ended", Restarts: 1},
	"escape":      {Story: "likewise, and the grandchild has left the group and the session", Restarts: 1},
	"hold-output": {Story: "the main process is killed while somebody else holds its stdout open", Args: pauses, Restarts: 1},
	"flood":       {Story: "10 MB of lines come from the service's stdout"},
	"full-log":    {Story: "the supervisor cannot write its log for a while, as on a full disk", Args: pauses, Whole: true},

	"memory":     {Story: "memory.max of the service is less than it uses, for a second", Restarts: 1, Needs: ownGroup + " with the memory controller"},
	"cpu":        {Story: "the service gets a hundredth of a processor (cpu.max)", Args: pauses, Needs: ownGroup + " with the cpu controller"},
	"fork-burst": {Story: "the service's cgroup is full of processes, up to pids.max, for a second", Restarts: 1, Needs: ownGroup + " with the pids controller"},

	"stop-supervisor": {Story: "the supervisor itself is stopped for a while, then continued", Args: pauses, Whole: true},
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
