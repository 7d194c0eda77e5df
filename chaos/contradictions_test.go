package chaos_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// policy is a service whose delays are 100ms, 200ms, 400ms ... up to a second.
func policy() config.Service {
	web := config.NewService("web", "web")
	web.Backoff = config.Backoff{Initial: 100 * ms, Factor: 2, Max: time.Second, ResetAfter: 10 * time.Second}
	return web
}

// killed is the history of a right supervisor whose one service is killed after
// each of some runs, and runs until the shutdown.
func killed(web config.Service, runs ...time.Duration) chaos.History {
	h := chaos.History{Services: []config.Service{web}}
	at, pid, attempt, restarts := 5*ms, 10, 0, 0
	tell := func(from, to, cause string, pid int, delay time.Duration) {
		h.Events = append(h.Events, chaos.Event{At: at, Service: "web", From: from, To: to, Cause: cause, Pid: pid, Attempt: attempt, Restarts: restarts, Delay: delay})
	}
	born := func() {
		at += 3 * ms
		tell("starting", "running", "spawned", pid, 0)
		h.Processes = append(h.Processes, chaos.ProcessRecord{Service: "web", Pid: pid, FirstSeen: at + 2*ms})
	}
	tell("stopped", "starting", "start", 0, 0)
	born()
	for i, ran := range runs {
		hit := chaos.PlannedFault{At: at + ran, Service: "web", Fault: "kill", Arg: "KILL"}
		h.Plan.Faults = append(h.Plan.Faults, hit)
		h.Injections = append(h.Injections, chaos.Injection{PlannedFault: hit, At: hit.At, Pid: pid, Lethal: true})
		if ran >= web.Backoff.ResetAfter {
			attempt = 0
		}
		at += ran + ms
		h.Processes[i].ExitedAt = at
		attempt++
		delay := lifecycle.Delay(web.Backoff, attempt, 0)
		tell("running", "backoff", "main-exited", pid, delay)
		at += delay
		restarts++
		tell("backoff", "starting", "deadline", 0, 0)
		pid++
		born()
	}
	settled := at + time.Second
	at = settled + ms
	tell("running", "stopping", "stop", pid, 0)
	at += 50 * ms
	tell("stopping", "stopped", "main-exited", pid, 0)
	h.Processes[len(h.Processes)-1].ExitedAt = at - ms
	h.End.At = at + 10*ms
	h.Phases = []chaos.Span{{Phase: chaos.WarmUp, To: 20 * ms}, {Phase: chaos.Faults, From: 20 * ms, To: settled - time.Second},
		{Phase: chaos.Heal, From: settled - time.Second, To: settled - time.Second}, {Phase: chaos.Settle, From: settled - time.Second, To: settled},
		{Phase: chaos.Shutdown, From: settled, To: h.End.At}}
	return h
}

// shift moves everything from an instant on.
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

// becomes has the n-th backoff of a history, from 0, be told as another restart in a
// row with another delay, which is kept.
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

// ends has a history be over with the n-th backoff, from 0: something else is told
// instead, and nothing of the service comes after it.
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

func TestARightSupervisorOfAnyPolicyPasses(t *testing.T) {
	for name, h := range map[string]chaos.History{
		"growing delays":    killed(policy(), 500*ms, 500*ms, 500*ms, 500*ms),
		"up to the longest": killed(unlimited(), 500*ms, 500*ms, 500*ms, 500*ms, 500*ms, 500*ms),
		"counted anew":      killed(policy(), 500*ms, 500*ms, 11*time.Second, 500*ms),
	} {
		for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack}) {
			assert.Equal(t, chaos.Pass, v.Outcome, "%s: %d %s: %q", name, v.Number, v.Name, v.Evidence)
		}
	}
}

func unlimited() config.Service {
	web := policy()
	web.MaxRestarts = config.Unlimited
	return web
}

// A supervisor does not vouch for itself: what it says of its count, its restarts
// and its ends is held to what the policy and the observer amount to.
func TestALieIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		verdict int
		history func() chaos.History
	}{
		"the first crash told as the fourth": {4, func() chaos.History {
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
		"delays that do not grow by the count that is told": {4, func() chaos.History {
			h := killed(unlimited(), 500*ms, 500*ms)
			becomes(&h, 1, 2, 100*ms)
			return h
		}},
		"a count that begins anew too early": {4, func() chaos.History {
			h := killed(unlimited(), 500*ms, 9900*ms)
			becomes(&h, 1, 1, 100*ms)
			return h
		}},
		"a count that begins anew too early, and no delay shows it": {4, func() chaos.History {
			web := unlimited()
			web.Backoff.Factor = 1
			h := killed(web, 500*ms, 9900*ms)
			becomes(&h, 1, 1, 100*ms)
			return h
		}},
		"a count that does not begin anew": {4, func() chaos.History {
			h := killed(unlimited(), 500*ms, 11*time.Second)
			becomes(&h, 1, 2, 200*ms)
			return h
		}},
		"a give-up long before its number": {3, func() chaos.History {
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
		"a lost restart told as exited": {3, func() chaos.History {
			h := killed(unlimited(), 500*ms, 500*ms)
			ends(&h, 1, "exited", 1)
			return h
		}},
		"a killed service told to have ended well": {3, func() chaos.History {
			web := unlimited()
			web.Restart = config.RestartOnFailure
			h := killed(web, 500*ms, 500*ms)
			ends(&h, 1, "exited", 1)
			return h
		}},
		"stopped before anybody asked": {3, func() chaos.History {
			h := killed(unlimited(), 500*ms, 500*ms)
			ends(&h, 1, "stopped", 1)
			return h
		}},
		"a restart although the policy has none": {3, func() chaos.History {
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
		"told to run long before it does": {4, func() chaos.History {
			h := killed(unlimited(), 500*ms, 2*time.Second)
			h.Processes[1].FirstSeen += 790 * ms
			return h
		}},
	} {
		h := c.history()
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack, AllowGiveUp: true})[c.verdict-1]
		assert.Equal(t, chaos.Fail, v.Outcome, "%s: %q", name, v.Evidence)
	}
}

// A fault explains an end that follows it, and not one long after: then nothing is known.
func TestAFaultDoesNotExplainWhatComesLongAfter(t *testing.T) {
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

// An observer who had not looked cannot tell when a process was there.
func TestWhatNobodyLookedForIsNotLate(t *testing.T) {
	for unseen, want := range map[time.Duration]chaos.Outcome{0: chaos.Fail, 600 * ms: chaos.Fail, 700 * ms: chaos.Pass} {
		h := killed(unlimited(), 500*ms, 2*time.Second)
		h.Processes[1].FirstSeen += 790 * ms
		h.Processes[1].UnseenFor = unseen
		assert.Equal(t, want, judge(h)[4], "%v", unseen)
	}
}

// The equation that is shown is the one that was checked: its numbers are right.
func TestTheShownEquationHolds(t *testing.T) {
	for name, h := range map[string]chaos.History{
		"healthy":      healthy(),
		"killed":       killed(policy(), 500*ms, 500*ms),
		"never killed": killed(policy()),
	} {
		v := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})[2]
		shown := v.Evidence[len(v.Evidence)-1]
		_, equation, _ := strings.Cut(shown, "; ")
		var exits, restarts, giveUps, ended, stopped int
		_, err := fmt.Sscanf(equation, "exits observed (%d) = restarts (%d) + give-ups (%d) + ends that the policy allows (%d) + ends at the shutdown (%d)", &exits, &restarts, &giveUps, &ended, &stopped)
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
