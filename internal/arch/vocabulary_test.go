package arch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// term is a row of the vocabulary: words that only the authors of this project would
// understand, and what readers of manual pages, of systemd and of Go call the same thing.
type term struct {
	words   string   // banned in prose, and as a part of a name ("told" bans isTold)
	parts   string   // banned as a part of a name
	names   string   // banned as a whole name, with this case
	prose   string   // a regular expression, banned in prose
	allow   string   // a regular expression: in what it matches prose bans nothing
	only    []string // the directories that it holds in; none: everywhere
	instead string
	// planted must be found and innocent must pass, each as a line of Go.
	planted, innocent string
}

// Prose is comments, strings and documentation. The table covers what a program can
// recognise without misfiring: "start" is a good verb, and "group" is good when it is
// qualified (process group, cgroup), so neither is here.
var vocabulary = []term{
	{words: "folder folders", instead: "directory", planted: "var folder int", innocent: "var directory int"},
	{prose: `\bprocess numbers?\b|\bnumber of (a|an|the|its|that|another|each|this|one) (living |dead |main )?(process|child|service|leader)\b`, instead: "PID", planted: "// the number of its process", innocent: "// the number of processes"},
	{prose: `\b(environment|invocation) words?\b|\b(without the|shows no|shows its|puts its) word\b`, instead: "invocation ID", planted: "// an environment word", innocent: "// a word of the command line"},
	{words: "birth births born newborn unborn", instead: "spawn, spawned", planted: "var bornAt int", innocent: "var spawnedAt int"},
	{words: "deed deeds", instead: "interference, external action", planted: "// a deed", innocent: "// an action is indeed taken"},
	{names: "Hit Hits hit hits", instead: "injected fault", planted: "var hits int", innocent: "// the deadline is hit"},
	{words: "told tell tells telling", instead: "report, log, notify, signal, return or know, whichever it means", planted: "// PID 7 is told", innocent: "// tolds are no word"},
	{words: "relic relics bury buries buried burial burying", names: "FindDead", instead: "stale instance, reclaim, FindStaleInstances", planted: "func bury() {}", innocent: "// the process is dead"},
	{words: "doomed vacant", instead: "pendingRemovals, emptyCgroups", planted: "var doomed int", innocent: "var pendingRemovals int"},
	{words: "stray strays strayed", only: []string{"supervisor", "sys", "fakesys", "sim", "chaos", "cgroupfs"}, instead: "remaining orphan, process that left its cgroup", planted: "// a stray", innocent: "// an orphan"},
	{names: "counted", instead: "trackedByScan", only: []string{"supervisor"}, planted: "func counted() {}", innocent: "// it is counted"},
	{words: "census", instead: "process scan", planted: "// a census", innocent: "// a process scan"},
	{names: "apart tellApart", instead: "a capability that sys/linux probes once", only: []string{"supervisor", "sys", "fakesys"}, planted: "var apart bool", innocent: "// they are far apart"},
	{words: "unswept childless", instead: "orphanScanPending, noOrphans", planted: "var unswept bool", innocent: "// every call of a sweep fails"},
	{names: "tooLate", parts: "writtenoff", prose: `\bwritten off\b`, instead: "abandoned: abandonedChildren, killAbandonedSpawn", planted: "var tooLate int", innocent: "// it comes late"},
	{words: "lent lend lends", names: "passKey", instead: "give the terminal, forward a signal", planted: "var lent bool", innocent: "// a length"},
	{names: "loose doubt unseen", instead: "pgidUnpinned, emptyDeadline, lastScanEmpty", planted: "var doubt int", innocent: "// a loose bound"},
	{parts: "settle settled unsettled settles", instead: "drain, active", only: []string{"supervisor", "sim"}, planted: "var unsettled int", innocent: "// nothing to settle"},
	{names: "Nobody Echo", instead: "NopObserver, ShutdownDebounce", planted: "var Nobody int", innocent: "var NopObserver int"},
	{names: "MustFreeze Abandon Passing Holds", instead: "FreezeRequested, Unlock, Transient, Contains", planted: "func Holds() {}", innocent: "// it holds"},
	{names: "aside hands astir Bell Ring", instead: "workerPool, workers, Notifier, Notify", planted: "type Bell struct{}", innocent: "// it rings"},
	{names: "mourn orders script birth", instead: "awaitFailedChild, spawnArgs, syscallList, childMemory", only: []string{"sys/linux"}, planted: "func mourn() {}", innocent: "// the script ends"},
	{words: "headless", instead: "leaderExited; a process whose first thread has exited", planted: "// a headless process", innocent: "// the leader has exited"},
	{words: "puppet puppets", names: "Hook", instead: "testproc, RunIfRequested", planted: "func Hook() {}", innocent: "// a hook"},
	{words: "sabotage sabotaged rosy mute deaf forgetful", instead: "a fault of package faultysup, by what it does: lose exit statuses, drop signals, ignore orphans", planted: "// a deaf supervisor", innocent: "// a supervisor that drops signals"},
	{words: "rehearse rehearsal", instead: "play a plan in the simulator, toScenario", planted: "func rehearse() {}", innocent: "func toScenario() {}"},
	{names: "kin witness nap stolen starved dying", instead: "processTracker, schedDelayProbe, stealTime, runqueueDelay, pendingExit", planted: "var kin int", innocent: "// a process that is dying"},
	{names: "Life Gone Beside Mortal", instead: "ProcessRecord, ExitedAt, Overlapping, DiesOnStopSignal", planted: "type Life struct{}", innocent: "// in its life"},
	{names: "family truth heard moment artist", instead: "instanceModel, serviceModel, signalLog, branchPoint, timelineBuilder", planted: "var heard int", innocent: "// the moment of its exit"},
	{names: "keeper narrator voices", instead: "errWriter, logObserver, logging", only: []string{"cmd/gosv"}, planted: "type narrator struct{}", innocent: "type logObserver struct{}"},
	{names: "Story Row Where Below Later", instead: "Description, CatalogueEntry, Coverage, BelowSeam, NotImplemented", planted: "type Story string", innocent: "// the row below"},
	{words: "whoever", instead: "a noun: the process, the caller, the operator", planted: "// whoever calls", innocent: "// the caller"},
	{words: "nobody", allow: `(?i)(user |uid |["'\x60(])nobody`, instead: "a noun with a verb: no process, no reader, or the passive voice", planted: "// nobody reads", innocent: `var name = "nobody" // the user nobody`},
	{words: "likewise", instead: "also, in the same way", planted: "// likewise here", innocent: "// also here"},
	{prose: `\bin vain\b`, instead: "without effect", planted: "// it waits in vain", innocent: "// without effect"},
	{prose: `\bfor (the |an? )?\w+('s|')? sake\b`, instead: "for, because of", planted: "// for the reader's sake", innocent: "// for the reader"},
	{prose: `\bbut for (a|an|the|its|one|what|those)\b`, instead: "except", planted: "// all but for one", innocent: "// not one but forty"},
	{prose: `\bso many \(`, instead: "N: use N built-in services", planted: "// so many (N) services", innocent: "// so many services"},
	{prose: `\bever (later|longer)\b`, instead: "later and later: say by how much", planted: "// it comes ever later", innocent: "// forever"},
}

// unconverted are the directories that still use these words, without those below them.
// The list only shrinks: a test fails when a directory of it is clean. To see what is left
// in one of them: go test ./internal/arch -run Vocabulary -dir DIRECTORY
var unconverted = []string{
	"cmd/gosv",
	"docs/explanation",
	"docs/reference",
	"fakesys",
	"integration/vm",
	"logs",
	"procfs",
	"sim",
	"sim/timeline",
	"sys/linux",
	"sys/systest",
}

func TestNamesOfOthersAreNoViolation(t *testing.T) {
	book := newRuleBook(vocabulary...)
	pieces := func(body string) []piece { return parse(t, "x/x.go", "package p\n"+body+"\n").pieces() }
	assert.Empty(t, book.banned("x/x.go", pieces("var x = p.Told(q.Born)")), "they are reported where they are declared")
	assert.Len(t, book.banned("x/x.go", pieces("func (p P) BornAt(told int) {}")), 2)
	assert.Len(t, book.banned("x/folders.go", parse(t, "x/folders.go", "package p\n").pieces()), 1, "a file name is a name")
}
