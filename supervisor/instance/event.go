package instance

import "strings"

// Kind is what happened to an instance.
type Kind uint8

// The kinds of events.
const (
	Abort         Kind = iota // the service does not want the spawn any more
	GiveUp                    // the spawn has been aborting for a long time
	SpawnDone                 // the program was executed
	SpawnFailed               // it was not
	Stop                      // the service is to stop
	Kill                      // the service is to be killed
	Escape                    // the main process was seen outside its cgroup
	PlaceLost                 // it cannot be seen any more in which cgroup the main process was
	LeaveGroup                // the main process was seen outside its process group
	StillAlive                // the main process was looked at, and has not exited
	LookFailed                // it could not be looked at
	Exit                      // its exit was seen
	StatusLost                // it is gone, and another process took its exit status
	NotEmpty                  // members may be alive
	NoneLeft                  // nothing of the instance lives
	FreezeForKill             // its cgroup cannot be killed as a whole, and was frozen
	Scanned                   // a process scan has reached all the members it found
	kinds         = iota
)

var kindNames = [kinds]string{"abort", "abandon", "spawn-done", "spawn-failed", "stop", "kill", "escape", "place-lost",
	"leave-group", "still-alive", "look-failed", "exit", "status-lost", "not-empty", "none-left", "freeze-for-kill", "scanned"}

func (k Kind) String() string { return kindNames[k] }

// Event is one thing that happened, with the facts that its cell needs.
type Event struct {
	Kind   Kind
	Reaped bool // Exit: the zombie was taken with the status
	// GroupAlive: a child of gosv lives in the process group (Kill of a zombie
	// that only a scan can track).
	GroupAlive bool
	Found      int // Scanned: how many living members were found
}

// Actions is a set of things for the supervisor to do, in the order of the
// constants.
type Actions uint16

// The actions.
const (
	AbortSpawn       Actions = 1 << iota // kill the child of the spawn
	ReportEscape                         // the main process is outside its cgroup
	ReportStatusLost                     // another process reaped the main process
	ReportKill                           // leftovers are being killed
	StopGroup                            // the stop signal to the process group
	StopMain                             // the stop signal to the main process, which left the group before it
	KillGroup                            // SIGKILL to the process group
	KillCgroup                           // SIGKILL to everything in the cgroup
	FollowUpStop                         // look soon for members that the stop signal did not reach
	Thaw                                 // let the members of the cgroup run
	AskScan                              // a process scan is to find the members
	LookAgain                            // look at the main process again soon
	Recheck                              // look again soon whether the instance is empty
	ReapMain                             // take the zombie of the main process
	Release                              // give up everything that belongs to the instance
	actions          = iota
)

var actionNames = [actions]string{"abort-spawn", "report-escape", "report-status-lost", "report-kill", "stop-group", "stop-main", "kill-group",
	"kill-cgroup", "follow-up-stop", "thaw", "ask-scan", "look-again", "recheck", "reap-main", "release"}

func (a Actions) String() string {
	var names []string
	for i, name := range actionNames {
		if a&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Reason names why an event changed nothing and asks for nothing.
type Reason string

// The reasons.
const (
	NotYet      Reason = "there is no process yet"
	AlreadySeen Reason = "it was seen before"
	ItIsOver    Reason = "nothing of the instance lives"
	NoMatter    Reason = "it makes no difference any more"
)
