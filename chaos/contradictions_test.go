package chaos_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// policy is a service whose delays are 100ms, 200ms, 400ms and so on, up to a second.
func policy() config.Service {
	web := config.NewService("web", "web")
	web.Backoff = config.Backoff{Initial: 100 * ms, Factor: 2, Max: time.Second, ResetAfter: 10 * time.Second}
	return web
}

// killed is the history of a correct supervisor. Its service is killed at the end of each of
// some runs, and the last run lasts until the shutdown.
func killed(web config.Service, runs ...time.Duration) chaos.History {
	h := chaos.History{Services: []config.Service{web}}
	at, pid, attempt, restarts := 5*ms, 10, 0, 0
	event := func(from, to, cause string, pid int, delay time.Duration) {
		e := chaos.Event{At: at, Service: "web", From: from, To: to, Cause: cause, Pid: pid, Attempt: attempt, Restarts: restarts, Delay: delay}
		if cause == "main-exited" {
			e.Exit = died(syscall.SIGKILL)
		}
		if to == "stopped" {
			e.Exit = died(syscall.SIGTERM)
		}
		h.Events = append(h.Events, e)
	}
	spawned := func() {
		at += 3 * ms
		event("starting", "running", "spawned", pid, 0)
		h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "web", Pid: pid, FirstSeen: at + 2*ms})
	}
	event("stopped", "starting", "start", 0, 0)
	spawned()
	for i, ran := range runs {
		fault := chaos.PlannedFault{At: at + ran, Service: "web", Fault: "kill", Arg: "KILL"}
		h.Plan.Faults = append(h.Plan.Faults, fault)
		h.Injections = append(h.Injections, chaos.Injection{PlannedFault: fault, At: fault.At, Pid: pid, Lethal: true, Signal: syscall.SIGKILL})
		if ran >= web.Backoff.ResetAfter {
			attempt = 0
		}
		at += ran + ms
		h.Processes[i].ExitedAt, h.Processes[i].Exit = at, died(syscall.SIGKILL)
		attempt++
		delay := lifecycle.Delay(web.Backoff, attempt, 0)
		event("running", "backoff", "main-exited", pid, delay)
		at += delay
		restarts++
		event("backoff", "starting", "deadline", 0, 0)
		pid++
		spawned()
	}
	settled := at + time.Second
	at = settled + ms
	event("running", "stopping", "stop", pid, 0)
	at += 50 * ms
	event("stopping", "stopped", "main-exited", pid, 0)
	last := &h.Processes[len(h.Processes)-1]
	last.ExitedAt, last.Exit = at-ms, died(syscall.SIGTERM)
	h.End.At = at + 10*ms
	h.Phases = []chaos.Span{{Phase: chaos.WarmUp, To: 20 * ms}, {Phase: chaos.Faults, From: 20 * ms, To: settled - time.Second},
		{Phase: chaos.Heal, From: settled - time.Second, To: settled - time.Second}, {Phase: chaos.Settle, From: settled - time.Second, To: settled},
		{Phase: chaos.Shutdown, From: settled, To: h.End.At}}
	return h
}

// shift delays everything from an instant on.
func shift(h *chaos.History, from, by time.Duration) {
	for _, at := range instants(h) {
		if *at >= from {
			*at += by
		}
	}
}

func instants(h *chaos.History) (all []*time.Duration) {
	for i := range h.Events {
		all = append(all, &h.Events[i].At)
	}
	for i := range h.Injections {
		all = append(all, &h.Injections[i].At)
	}
	for i := range h.Processes {
		all = append(all, &h.Processes[i].FirstSeen, &h.Processes[i].ExitedAt)
	}
	for i := range h.Phases {
		all = append(all, &h.Phases[i].From, &h.Phases[i].To)
	}
	return append(all, &h.End.At)
}

// becomes changes the n-th backoff of a history, from 0, to another count of restarts in a
// row and another delay, which is kept.
func becomes(h *chaos.History, n, attempt int, delay time.Duration) {
	for i := range h.Events {
		if h.Events[i].To != "backoff" {
			continue
		}
		if n == 0 {
			by := delay - h.Events[i].Delay
			h.Events[i].Attempt, h.Events[i].Delay = attempt, delay
			shift(h, h.Events[i].At+ms, by)
			return
		}
		n--
	}
}

// ends changes the n-th backoff of a history, from 0, to a phase in which the service
// stays.
func ends(h *chaos.History, n int, to string, attempt int) {
	for i := range h.Events {
		if h.Events[i].To != "backoff" {
			continue
		}
		if n == 0 {
			h.Events[i].To, h.Events[i].Attempt, h.Events[i].Delay = to, attempt, 0
			h.Processes = h.Processes[:h.Events[i].Restarts+1]
			h.Events = h.Events[:i+1]
			return
		}
		n--
	}
}

func TestCorrectSupervisorPasses(t *testing.T) {
	for name, h := range map[string]chaos.History{
		"growing delays":    killed(policy(), 500*ms, 500*ms, 500*ms, 500*ms),
		"up to the longest": killed(unlimited(), 500*ms, 500*ms, 500*ms, 500*ms, 500*ms, 500*ms),
		"counted anew":      killed(policy(), 500*ms, 500*ms, 11*time.Second, 500*ms),
	} {
		for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[:9] {
			assert.Equal(t, chaos.Pass, v.Outcome, "%s: %d %s: %q", name, v.Number, v.Name, v.Evidence)
		}
	}
}

func unlimited() config.Service {
	web := policy()
	web.MaxRestarts = config.Unlimited
	return web
}

// wrongReports are histories in which the supervisor reports what cannot be.
var wrongReports = map[string]struct {
	verdict int
	history func() chaos.History
}{
	"the first restart reported as the fourth": {4, func() chaos.History {
		h := killed(unlimited(), 500*ms)
		becomes(&h, 0, 4, 800*ms)
		return h
	}},
	"delays that never grow": {4, func() chaos.History {
		h := killed(unlimited(), 500*ms, 500*ms, 500*ms)
		becomes(&h, 1, 1, 100*ms)
		becomes(&h, 2, 1, 100*ms)
		return h
	}},
	"delays that do not grow with the reported count": {4, func() chaos.History {
		h := killed(unlimited(), 500*ms, 500*ms)
		becomes(&h, 1, 2, 100*ms)
		return h
	}},
	"a count that is reset too early": {4, func() chaos.History {
		h := killed(unlimited(), 500*ms, 9900*ms)
		becomes(&h, 1, 1, 100*ms)
		return h
	}},
	"a count that is reset too early, with constant delays": {4, func() chaos.History {
		web := unlimited()
		web.Backoff.Factor = 1
		h := killed(web, 500*ms, 9900*ms)
		becomes(&h, 1, 1, 100*ms)
		return h
	}},
	"a count that is not reset": {4, func() chaos.History {
		h := killed(unlimited(), 500*ms, 11*time.Second)
		becomes(&h, 1, 2, 200*ms)
		return h
	}},
	"given up too early": {3, func() chaos.History {
		web := policy()
		web.MaxRestarts = 3
		h := killed(web, 500*ms, 500*ms)
		ends(&h, 1, "failed", 3)
		return h
	}},
	"a restart more than the policy allows": {3, func() chaos.History {
		web := policy()
		web.MaxRestarts = 1
		return killed(web, 500*ms, 500*ms)
	}},
	"a lost restart reported as exited": {3, func() chaos.History {
		h := killed(unlimited(), 500*ms, 500*ms)
		ends(&h, 1, "exited", 1)
		return h
	}},
	"a killed service reported as exited": {3, func() chaos.History {
		web := unlimited()
		web.Restart = config.RestartOnFailure
		h := killed(web, 500*ms, 500*ms)
		ends(&h, 1, "exited", 1)
		return h
	}},
	"stopped before the shutdown": {3, func() chaos.History {
		h := killed(unlimited(), 500*ms, 500*ms)
		ends(&h, 1, "stopped", 1)
		return h
	}},
	"a restart that the policy forbids": {3, func() chaos.History {
		web := policy()
		web.Restart = config.RestartNever
		return killed(web, 500*ms)
	}},
	"an exit that no fault explains": {3, func() chaos.History {
		h := killed(unlimited(), 500*ms, 500*ms, 500*ms)
		h.Injections = append(h.Injections[:1], h.Injections[2:]...)
		h.Plan.Faults = append(h.Plan.Faults[:1], h.Plan.Faults[2:]...)
		return h
	}},
	"reported to run long before it does": {4, func() chaos.History {
		h := killed(unlimited(), 500*ms, 2*time.Second)
		h.Processes[1].FirstSeen += 790 * ms
		return h
	}},
}

// What the supervisor reports is compared with the policy and the observer.
func TestWrongReportIsFound(t *testing.T) {
	for name, c := range wrongReports {
		h := c.history()
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack, AllowGiveUp: true})[c.verdict-1]
		assert.Equal(t, chaos.Fail, v.Outcome, "%s: %q", name, v.Evidence)
	}
}

func TestFaultExplainsOnlyExitsSoonAfterIt(t *testing.T) {
	for before, want := range map[time.Duration]chaos.Outcome{time.Second: chaos.Pass, 4 * time.Second: chaos.Inconclusive} {
		h := killed(unlimited(), 500*ms, 6*time.Second)
		end := h.Processes[1].ExitedAt
		stop := chaos.PlannedFault{At: end - before, Service: "web", Fault: "stop", Arg: "100ms"}
		h.Plan.Faults[1] = stop
		h.Injections[1] = chaos.Injection{PlannedFault: stop, At: stop.At, UndoneAt: stop.At + 100*ms, Pid: h.Processes[1].Pid}
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[2]
		assert.Equal(t, want, v.Outcome, "%v before: %q", before, v.Evidence)
	}
}

// An observer that had not looked does not know when the process started.
func TestTimeWithoutAScanIsNotLateness(t *testing.T) {
	for unobserved, want := range map[time.Duration]chaos.Outcome{0: chaos.Fail, 600 * ms: chaos.Fail, 700 * ms: chaos.Pass} {
		h := killed(unlimited(), 500*ms, 2*time.Second)
		h.Processes[1].FirstSeen += 790 * ms
		h.Processes[1].UnseenFor = unobserved
		assert.Equal(t, want, judge(h)[4], "%v", unobserved)
	}
}

func TestShownEquationIsBalanced(t *testing.T) {
	for name, h := range map[string]chaos.History{
		"healthy":      healthy(),
		"killed":       killed(policy(), 500*ms, 500*ms),
		"never killed": killed(policy()),
	} {
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[2]
		shown := v.Evidence[len(v.Evidence)-1]
		_, equation, _ := strings.Cut(shown, "; ")
		var exits, restarts, giveUps, ended, stopped int
		_, err := fmt.Sscanf(equation, "exits observed (%d) = restarts (%d) + services given up (%d) + ends that the policy allows (%d) + stops at the shutdown (%d)", &exits, &restarts, &giveUps, &ended, &stopped)
		assert.NoError(t, err, shown)
		assert.Equal(t, exits, restarts+giveUps+ended+stopped, "%s: %s", name, shown)
		gone := 0
		for _, l := range h.Processes {
			if l.ExitedAt != 0 {
				gone++
			}
		}
		assert.Equal(t, gone, exits, "%s: %s", name, shown)
		assert.Equal(t, chaos.Pass, v.Outcome, name)
	}
}
