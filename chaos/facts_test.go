package chaos_test

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// fact is one fact of a history, and the only verdict that depends on it.
type fact struct {
	name    string
	verdict int
	change  func(h *chaos.History, n int) // n chooses which one, and by how much
}

// facts has at least two facts for each verdict that can fail because of the supervisor.
var facts = []fact{
	{"a second main process", 2, func(h *chaos.History, n int) {
		h.Processes[1+n%(len(h.Processes)-1)].Overlapping = []int{h.Processes[0].Pid}
	}},
	{"a process of an earlier run", 2, func(h *chaos.History, n int) { h.Processes[n%len(h.Processes)].Leftovers = []int{7} }},
	{"one restart too many in all", 2, func(h *chaos.History, n int) { addRestarts(h, exitReport(h, n).At, 1) }},
	{"one restart too few in all", 2, func(h *chaos.History, n int) { addRestarts(h, exitReport(h, n).At+ms, -1) }},
	{"a wrong exit code", 3, func(h *chaos.History, n int) { exitReport(h, n).Exit = chaos.ExitStatus{Known: true, Code: n % 256} }},
	{"a wrong signal", 3, func(h *chaos.History, n int) { exitReport(h, n).Exit = died(syscall.Signal(1 + n%8)) }},
	{"an unknown status", 3, func(h *chaos.History, n int) { exitReport(h, n).Exit = chaos.ExitStatus{} }},
	{"a killed process that did not end", 3, func(h *chaos.History, n int) { h.Injections[n%len(h.Injections)].Pid = 999 }},
	{"a wrong count in a row", 4, func(h *chaos.History, n int) { exitReport(h, n).Attempt += 1 + n%3 }},
	{"a short delay", 4, func(h *chaos.History, n int) { exitReport(h, n).Delay -= time.Duration(1+n%50) * ms }},
	{"a long delay", 4, func(h *chaos.History, n int) { exitReport(h, n).Delay += time.Duration(1+n%50) * ms }},
	{"a late restart", 4, func(h *chaos.History, n int) { shift(h, exitReport(h, n).At+ms, time.Duration(150+n%900)*ms) }},
	{"a late exit report", 4, func(h *chaos.History, n int) { reportLate(h, exitReport(h, n).At, time.Duration(150+n%900)*ms) }},
	{"services in backoff at the end", 5, func(h *chaos.History, _ int) { h.Phases[3].Failure = "web is in state backoff" }},
	{"services that settle too late", 5, func(h *chaos.History, _ int) { h.Phases[3].Failure = "after 1m0s, web has run for less than 1s" }},
	{"a bystander that ends", 6, func(h *chaos.History, n int) { addBystander(h, n, 2*ms) }},
	{"a bystander that is replaced later", 6, func(h *chaos.History, n int) { addBystander(h, n, 90*ms) }},
	{"a process killed before its stop_timeout", 7, func(h *chaos.History, n int) { killLast(h, time.Duration(1+n%9000)*ms) }},
	{"a stop signal that was not sent", 7, func(h *chaos.History, n int) {
		killLast(h, 10*time.Second+time.Duration(n%1000)*ms)
		h.Processes[len(h.Processes)-1].DiesOnStopSignal = true
	}},
	{"a slow shutdown", 7, func(h *chaos.History, n int) { h.End.At += time.Duration(16+n%10) * time.Second }},
	{"a process left behind", 8, func(h *chaos.History, _ int) {
		h.Leaks = []chaos.Leak{{Kind: "process", What: "PID 7 (sleep) of web"}}
	}},
	{"descriptors left open", 8, func(h *chaos.History, _ int) { h.Leaks = []chaos.Leak{{Kind: "descriptor", What: "3 more"}} }},
}

// exitReport returns one of the events that report exits before the shutdown.
func exitReport(h *chaos.History, n int) *chaos.Event {
	var all []*chaos.Event
	for i := range h.Events {
		if e := &h.Events[i]; e.Cause == "main-exited" && e.To == "backoff" {
			all = append(all, e)
		}
	}
	return all[n%len(all)]
}

// addRestarts changes the reported number of restarts from an instant on.
func addRestarts(h *chaos.History, from time.Duration, n int) {
	for i := range h.Events {
		if h.Events[i].At >= from {
			h.Events[i].Restarts += n
		}
	}
}

// reportLate delays everything from an exit report on, but not the exit.
func reportLate(h *chaos.History, at, by time.Duration) {
	exits := map[int]time.Duration{}
	for i, p := range h.Processes {
		if p.ExitedAt == at {
			exits[i] = at
		}
	}
	shift(h, at, by)
	for i, at := range exits {
		h.Processes[i].ExitedAt = at
	}
}

// killLast makes SIGKILL the end of the last process, some time after the shutdown began.
func killLast(h *chaos.History, after time.Duration) {
	p, e := &h.Processes[len(h.Processes)-1], &h.Events[len(h.Events)-1]
	shift(h, p.ExitedAt, h.Phases[4].From+after-p.ExitedAt)
	p.Exit, e.Exit = died(syscall.SIGKILL), died(syscall.SIGKILL)
}

// addBystander adds a service without faults, whose process ends during the faults and is
// replaced some time later.
func addBystander(h *chaos.History, n int, replacedAfter time.Duration) {
	db := config.NewService("db", "db")
	db.Backoff.Initial = 0
	h.Services = append(h.Services, db)
	faults, stop, end := h.Phases[1], h.Phases[4].From+ms, h.Processes[len(h.Processes)-1].ExitedAt
	at := faults.From + (faults.To-faults.From)*time.Duration(1+n%8)/10
	h.Processes = append(h.Processes,
		chaos.ProcessRecord{Service: "db", Pid: 500, FirstSeen: 9 * ms, ExitedAt: at, Exit: died(syscall.SIGTERM)},
		chaos.ProcessRecord{Service: "db", Pid: 501, FirstSeen: at + replacedAfter, ExitedAt: end, Exit: died(syscall.SIGTERM)})
	for _, e := range []chaos.Event{
		{At: 5 * ms, From: "stopped", To: "starting", Cause: "start"},
		{At: 8 * ms, From: "starting", To: "running", Cause: "spawned", Pid: 500},
		{At: at, From: "running", To: "backoff", Cause: "main-exited", Pid: 500, Attempt: 1, Exit: died(syscall.SIGTERM)},
		{At: at, From: "backoff", To: "starting", Cause: "deadline", Attempt: 1, Restarts: 1},
		{At: at + ms, From: "starting", To: "running", Cause: "spawned", Pid: 501, Attempt: 1, Restarts: 1},
		{At: stop, From: "running", To: "stopping", Cause: "stop", Pid: 501, Attempt: 1, Restarts: 1},
		{At: end + ms, From: "stopping", To: "stopped", Cause: "main-exited", Pid: 501, Attempt: 1, Restarts: 1, Exit: died(syscall.SIGTERM)},
	} {
		e.Service = "db"
		h.Events = append(h.Events, e)
	}
}

// randomRun is the history of a correct supervisor with a random policy, on a machine that
// is busy before each fault.
func randomRun(seed uint64) chaos.History {
	random := rand.New(rand.NewPCG(seed, 1))
	web := unlimited()
	web.Backoff.Initial = time.Duration(100+random.IntN(300)) * ms
	web.Backoff.Factor = 1 + random.Float64()
	var runs []time.Duration
	for range 2 + random.IntN(4) {
		runs = append(runs, time.Duration(1200+random.IntN(3000))*ms)
	}
	h := killed(web, runs...)
	for _, d := range h.Injections {
		h.SchedDelays = append(h.SchedDelays, chaos.Interval{From: d.At - 500*ms, To: d.At - 300*ms})
	}
	return h
}

// failed returns the verdicts that do not pass.
func failed(h chaos.History) (all []int) {
	for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack}) {
		if v.Outcome != chaos.Pass && v.Outcome != chaos.NotRun {
			all = append(all, v.Number)
		}
	}
	return all
}

func TestOneChangedFactFailsOnlyItsVerdict(t *testing.T) {
	for _, f := range facts {
		t.Run(f.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				h := randomRun(rapid.Uint64().Draw(t, "run"))
				require.Empty(t, failed(h))
				f.change(&h, rapid.IntRange(0, 1<<20).Draw(t, "n"))
				require.Equal(t, []int{f.verdict}, failed(h))
			})
		})
	}
}

func TestEachVerdictHasTwoFacts(t *testing.T) {
	for verdict := 2; verdict <= 8; verdict++ {
		n := len(slices.DeleteFunc(slices.Clone(facts), func(f fact) bool { return f.verdict != verdict }))
		assert.GreaterOrEqual(t, n, 2, "verdict %d", verdict)
	}
}
