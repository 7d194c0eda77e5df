package instance

import "fmt"

// Spawn is the state of the request for the main process.
type Spawn uint8

const (
	Requested  Spawn = iota // it has no result yet
	Aborting                // it has no result yet, and its child is to die
	Abandoned               // aborting for so long that noOwner waits for the result
	Spawned                 // the program was executed
	NotSpawned              // it failed
)

var spawnNames = [...]string{"requested", "aborting", "abandoned", "spawned", "not spawned"}

func (s Spawn) String() string { return spawnNames[s] }

// Main is the state of the main process. It is meaningful once Spawn is Spawned.
type Main uint8

const (
	Alive  Main = iota // its exit has not been seen
	Zombie             // its exit has been seen; it is held unreaped, to pin its PID
	Reaped             // its exit has been seen, and it is no zombie any more
	Empty              // nothing of the instance lives
)

var mainNames = [...]string{"alive", "zombie held", "reaped", "empty"}

func (m Main) String() string { return mainNames[m] }

// Signals says which signals the instance got.
type Signals uint8

const (
	NoSignal Signals = iota
	Stopping         // the stop signal was sent
	Killing          // SIGKILL was sent
)

var signalsNames = [...]string{"none", "stopping", "killing"}

func (s Signals) String() string { return signalsNames[s] }

// Place is where the members of the instance are.
type Place uint8

const (
	NoCgroup      Place = iota // it has no cgroup
	InCgroup                   // in its cgroup, or below it
	EscapedCgroup              // it has a cgroup, but members may be outside of it
)

var placeNames = [...]string{"no cgroup", "in cgroup", "escaped cgroup"}

func (p Place) String() string { return placeNames[p] }

// Group is what is known of the process group that the main process leads.
type Group uint8

const (
	InGroup   Group = iota // the main process is in it
	LeftGroup              // the main process has left it
	// Unpinned: the main process was reaped while something of the instance may
	// live. Nothing pins the PID of the group but its members, so it is never
	// signalled as a whole.
	Unpinned
)

var groupNames = [...]string{"in group", "left group", "unpinned"}

func (g Group) String() string { return groupNames[g] }

// State is everything that Step remembers of an instance.
type State struct {
	Spawn   Spawn
	Main    Main
	Signals Signals
	Place   Place
	Group   Group

	Frozen       bool // its cgroup was frozen, to kill its members one by one
	KillReported bool // it was reported that leftovers are killed
}

// New is the state of an instance whose spawn has just been requested.
func New(cgroup bool) State {
	if cgroup {
		return State{Place: InCgroup}
	}
	return State{}
}

func (s State) String() string {
	return fmt.Sprintf("%v, %v, signals %v, %v, %v", s.Spawn, s.Main, s.Signals, s.Place, s.Group)
}

// Stage is where an instance is between its request and its end: the states of
// Spawn, and from Spawned on those of Main.
type Stage uint8

// The stages.
const (
	StageRequested Stage = iota
	StageAborting
	StageAbandoned
	StageAlive
	StageZombie
	StageReaped
	StageEmpty // also after a spawn that failed
	stages     = iota
)

var stageNames = [stages]string{"requested", "aborting", "abandoned", "alive", "zombie", "reaped", "empty"}

func (s Stage) String() string { return stageNames[s] }

// Stage gives the present stage.
func (s State) Stage() Stage {
	switch s.Spawn {
	case NotSpawned:
		return StageEmpty
	case Spawned:
		return StageAlive + Stage(s.Main)
	}
	return Stage(s.Spawn)
}

// ExitSeen reports whether the exit of the main process was seen.
func (s State) ExitSeen() bool { return s.Spawn == Spawned && s.Main != Alive }

// Over reports whether nothing of the instance lives.
func (s State) Over() bool { return s.Stage() == StageEmpty }

// Pinned reports whether the PID of the main process cannot have been reused.
func (s State) Pinned() bool { return s.Spawn == Spawned && (s.Main == Alive || s.Main == Zombie) }

// TrackedByScan reports whether only a process scan finds every member: the instance
// has no cgroup, or members may be outside of it.
func (s State) TrackedByScan() bool { return s.Place != InCgroup }
