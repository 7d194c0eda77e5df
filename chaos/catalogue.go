package chaos

import (
	"maps"
	"slices"
	"strings"
)

// Fault is a kind of fault that can be injected into a service or into the supervisor.
type Fault struct {
	Description string
	Args        []string // what a plan chooses from, such as signals
	// Restarts is how many restarts in a row it may cause; 0 if the main process does not
	// end of it.
	Restarts int
	// FailsStarts means that starts fail until one was seen to fail, so more may fail.
	FailsStarts bool
	// Limits means that a limit stays in force until the fault is undone, and may end
	// every process of the service that starts until then.
	Limits            bool
	TargetsSupervisor bool   // it is injected into the supervisor, and names no service
	Requires          string // what a machine or a service may lack; the fault is then skipped
}

// Lethal reports whether a main process may end of the fault.
func (f Fault) Lethal() bool { return f.Restarts > 0 }

var (
	durations = []string{"100ms", "1s", "3s"}
	// fatalSignals end a process that neither handles nor ignores them, signal(7).
	fatalSignals = []string{"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
		"STKFLT", "XCPU", "XFSZ", "VTALRM", "PROF", "IO", "PWR", "SYS"}
)

const ownCgroup = "a cgroup of the service's own"

// Catalogue holds the faults by their names on the command line.
var Catalogue = map[string]Fault{
	"kill":        {Description: "kills the main process", Args: []string{"KILL"}, Restarts: 1},
	"signal":      {Description: "sends the main process a signal, which it may handle", Args: fatalSignals, Restarts: 1},
	"kill-member": {Description: "kills a process of the service other than the main one", Restarts: 1, Requires: "a service of several processes"},
	"kill-group":  {Description: "kills every process of the service, one by one", Restarts: 1},
	"kill-cgroup": {Description: "kills the service's cgroup at once (cgroup.kill)", Restarts: 1, Requires: ownCgroup + ", Linux 5.14"},
	"stop":        {Description: "stops the main process (SIGSTOP) for a time", Args: durations},
	"freeze":      {Description: "freezes the service's cgroup (cgroup.freeze) for a time", Args: durations, Requires: ownCgroup + ", Linux 5.2"},

	"start-missing": {Description: "kills the main process; its program is missing at the next start", Restarts: 2, FailsStarts: true},
	"start-denied":  {Description: "kills the main process; its program is not executable at the next start", Restarts: 2, FailsStarts: true},
	"start-busy":    {Description: "kills the main process; its program is open for writing at the next start (ETXTBSY)", Restarts: 2, FailsStarts: true},
	"start-exit":    {Description: "kills the main process; the next run exits at once with this status", Args: []string{"0", "1", "75", "255"}, Restarts: 2},
	"start-slow":    {Description: "kills the main process; the next run does nothing for a time", Args: []string{"500ms", "2s"}, Restarts: 1},

	"orphan":      {Description: "kills the main process; the next run has a grandchild whose parent has ended", Restarts: 1},
	"escape":      {Description: "kills the main process; the next run has a grandchild in a session of its own", Restarts: 1},
	"hold-output": {Description: "kills the main process while another process holds its stdout open", Args: durations, Restarts: 1},
	"flood":       {Description: "writes 10 MB of lines to the service's stdout"},
	"full-log":    {Description: "makes the supervisor's log fail for a time, as on a full disk", Args: durations, TargetsSupervisor: true},

	"memory":     {Description: "sets memory.max of the service to half of what it uses, for at most a second", Restarts: 1, Limits: true, Requires: ownCgroup + " with the memory controller"},
	"cpu":        {Description: "gives the service a hundredth of a processor (cpu.max) for a time", Args: durations, Requires: ownCgroup + " with the cpu controller"},
	"fork-burst": {Description: "fills the service's cgroup with processes, up to pids.max, for a second", Restarts: 1, Limits: true, Requires: ownCgroup + " with the pids controller"},

	"stop-supervisor": {Description: "stops the supervisor (SIGSTOP) for a time", Args: durations, TargetsSupervisor: true},
}

// AllFaults stands for every fault that the machine and the services support.
const AllFaults = "all"

// Expand replaces [AllFaults] in a list of names.
func Expand(names []string) []string {
	if slices.Contains(names, AllFaults) {
		return FaultNames()
	}
	return names
}

// FaultNames returns the names of the catalogue, sorted.
func FaultNames() []string { return slices.Sorted(maps.Keys(Catalogue)) }

func faultNames() string { return strings.Join(FaultNames(), ", ") }
