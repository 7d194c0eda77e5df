package instance

import "fmt"

// Result is what a step came to.
type Result struct {
	State   State
	Do      Actions
	Ignored Reason // why nothing changed; empty if something did
}

// Step decides. Every pair of stage and event is in the table; one that cannot
// happen panics, because then the supervisor and this package disagree.
func Step(s State, e Event) Result {
	cell := table[s.Stage()][e.Kind]
	if cell == nil {
		panic(fmt.Sprintf("instance: event %v in stage %v (%v)", e.Kind, s.Stage(), s))
	}
	t := turn{Result: Result{State: s}, e: e}
	cell(&t)
	return t.Result
}

// turn is a step in progress.
type turn struct {
	Result
	e Event
}

type cell func(*turn)

var table = [stages][kinds]cell{
	StageRequested: {Abort: abort, GiveUp: notYet, SpawnDone: spawnDone, SpawnFailed: spawnFailed},
	StageAborting:  {Abort: abort, GiveUp: abandon, SpawnDone: spawnDone, SpawnFailed: spawnFailed},
	StageAbandoned: {Abort: abort, GiveUp: alreadySeen, SpawnDone: spawnDone, SpawnFailed: spawnFailed},
	StageAlive: {
		GiveUp: noMatter, Stop: stop, Kill: killAlive, Escape: escape, PlaceLost: placeLost, LeaveGroup: leaveGroup,
		StillAlive: stillAlive, LookFailed: lookAgain, Exit: exit, StatusLost: statusLost, FreezeForKill: freeze, Scanned: scanned,
	},
	StageZombie: {
		GiveUp: noMatter, Kill: killLeftovers, Escape: escape, PlaceLost: placeLost, LeaveGroup: leaveGroup, StillAlive: alreadySeen,
		LookFailed: alreadySeen, Exit: alreadySeen, StatusLost: stolenZombie, NotEmpty: recheck, NoneLeft: zombieLast, FreezeForKill: freeze, Scanned: scanned,
	},
	StageReaped: {
		GiveUp: noMatter, Kill: killLeftovers, Escape: escape, PlaceLost: placeLost, LeaveGroup: noMatter, StillAlive: alreadySeen,
		LookFailed: alreadySeen, Exit: alreadySeen, StatusLost: alreadySeen, NotEmpty: recheck, NoneLeft: noneLeft, FreezeForKill: freeze, Scanned: scanned,
	},
	StageEmpty: {
		GiveUp: over, Kill: over, Escape: over, PlaceLost: over, LeaveGroup: over, StillAlive: over, LookFailed: over, Exit: over,
		StatusLost: over, NotEmpty: over, NoneLeft: over, FreezeForKill: over, Scanned: over,
	},
}

func notYet(t *turn)      { t.Ignored = NotYet }
func alreadySeen(t *turn) { t.Ignored = AlreadySeen }
func noMatter(t *turn)    { t.Ignored = NoMatter }
func over(t *turn)        { t.Ignored = ItIsOver }
