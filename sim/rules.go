package sim

import (
	"fmt"
	"time"
)

// Rule is an invariant, or a part of one that is counted by itself.
type Rule uint8

// The rules, by the numbers of docs/reference/invariants.md.
const (
	ruleOneInstance Rule = iota
	ruleOwnSignals
	ruleZombies
	ruleDelay
	ruleReset
	ruleLimit
	ruleTransitions
	ruleNoStart
	ruleGrace
	ruleStopReach
	ruleStopOnce
	ruleShutdownTurn
	ruleExit
	ruleCore
	ruleOOM
	ruleStatus
	ruleCgroup
	ruleOwnDirs
	ruleDeadline
	ruleDescriptors
	ruleBusyLoop
	ruleEvents
	ruleNoPanic
	ruleLiveness
	ruleStop
	ruleUnkillable
	ruleShutdown
	ruleSecondEnd
	ruleNothingLeft
	ruleResolved
	ruleExecuted
	ruleLimits
	ruleCount
)

// rules returns each rule its number in docs/reference/invariants.md, its name, and its
// floor: the least percentage of swarm runs that must decide it.
var rules = [ruleCount]struct {
	number int
	name   string
	floor  float64
}{
	ruleOneInstance:  {1, "one instance at a time", 2},
	ruleOwnSignals:   {2, "signals only to its own processes", 2},
	ruleZombies:      {3, "no zombie at rest", 2},
	ruleDelay:        {4, "the restart delay follows the schedule", 2},
	ruleReset:        {5, "only a stable run resets the restart count", 2},
	ruleLimit:        {6, "restarts stay within the limit", 2},
	ruleTransitions:  {7, "every state change is legal", 2},
	ruleNoStart:      {8, "no start after a stop", 2},
	ruleGrace:        {9, "no KILL before the grace is over", 2},
	ruleStopReach:    {9, "the stop signal reaches every process", 2},
	ruleStopOnce:     {9, "the stop signal is sent once", 2},
	ruleShutdownTurn: {10, "a shutdown stops all services in one turn", 2},
	ruleExit:         {11, "each exit is reported once, with its status", 2},
	ruleCore:         {11, "core dumps are reported", 2},
	ruleOOM:          {11, "OOM kills are reported", 2},
	ruleStatus:       {12, "the status names the main process", 2},
	ruleCgroup:       {13, "a service runs in its own cgroup", 2},
	ruleOwnDirs:      {14, "only its own cgroups are changed", 2},
	ruleDeadline:     {15, "no deadline acts early", 2},
	ruleDescriptors:  {16, "descriptors are closed", 2},
	ruleBusyLoop:     {18, "no busy loop", 2},
	ruleEvents:       {19, "the events give the state", 2},
	ruleNoPanic:      {20, "no panic and no deadlock", 2},
	ruleLiveness:     {21, "a wanted, healthy service runs", 60},
	ruleStop:         {22, "every stop ends in time", 2},
	ruleUnkillable:   {22, "what is reported as unkillable is", 2},
	ruleShutdown:     {23, "a shutdown is bounded", 2},
	ruleSecondEnd:    {23, "a second signal ends the grace", 2},
	ruleNothingLeft:  {24, "nothing is left", 2},
	ruleResolved:     {25, "a stop ends when the unkillable process exits", 2},
	ruleExecuted:     {30, "the configured program is executed", 2},
	ruleLimits:       {30, "the configured limits are set", 2},
}

func (r Rule) String() string { return fmt.Sprintf("%d %s", rules[r].number, rules[r].name) }

// Excuse is a reason for which a rule is not applied at one point of a run.
type Excuse uint8

// The excuses.
const (
	faultsInjected Excuse = iota
	mayNotSee
	outOfReach
	unkillableLeft
	afterCrash
	requested
	startAborted
	endedEarly
	nothingWanted
	interference
	attached
	jobsRunning
	outputStalled
	noCgroup
	spawnedLate
	programAtFault
	oldProcesses
	othersOwn
	shortGrace
	resourcesExhausted
	excuseCount
)

var excuses = [excuseCount]string{
	faultsInjected:     "calls may fail",
	mayNotSee:          "gosv may not see all processes",
	outOfReach:         "a process is out of reach",
	unkillableLeft:     "something cannot be killed",
	afterCrash:         "an earlier gosv was killed",
	requested:          "KILL was requested",
	startAborted:       "the start was aborted",
	endedEarly:         "the run ended before the bound",
	nothingWanted:      "no healthy service was wanted",
	interference:       "an external action ended it",
	attached:           "gosv --run",
	jobsRunning:        "jobs hold descriptors",
	outputStalled:      "an output is not read",
	noCgroup:           "gosv has no cgroups",
	spawnedLate:        "it was spawned during the stop",
	programAtFault:     "its start failed by an injected fault",
	oldProcesses:       "processes of an older instance live",
	othersOwn:          "the process belongs to no service",
	shortGrace:         "the grace is too short to look around",
	resourcesExhausted: "the machine refuses to start it",
}

func (e Excuse) String() string { return excuses[e] }

// Verdict counts how often a run decided a rule: strictly, with a longer bound because
// faults delay notifications, or not at all for a reason.
type Verdict struct {
	Decided, Lax int
	Excused      [excuseCount]int
}

// Verdicts are the verdicts of a run, by rule.
type Verdicts [ruleCount]Verdict

func (c *checker) decide(r Rule) { c.r.Verdicts[r].Decided++ }

func (c *checker) excuse(r Rule, why Excuse) { c.r.Verdicts[r].Excused[why]++ }

// decideWithin counts a rule about a bound, which is long where faults lose notifications.
func (c *checker) decideWithin(r Rule, bound time.Duration) {
	if bound >= safetyNet {
		c.r.Verdicts[r].Lax++
	} else {
		c.r.Verdicts[r].Decided++
	}
}
