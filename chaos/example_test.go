package chaos_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// keeperLog is the log of a supervisor called keeper. It started web, whose process was
// killed, waited for a second, and started it again.
const keeperLog = `
0.005 web launch
0.008 web up 10
2.001 web died 10 wait 1s
3.001 web launch
3.004 web up 11
5.002 web down
5.030 web gone 11
`

// keeperEvents translates keeper's words into the phases and causes of package lifecycle.
func keeperEvents(log string) (events []chaos.Event) {
	words := map[string]chaos.Event{
		"launch": {To: "starting", Cause: "start"},
		"up":     {To: "running", Cause: "spawned"},
		"died":   {To: "backoff", Cause: "main-exited"},
		"down":   {To: "stopping", Cause: "stop"},
		"gone":   {To: "stopped", Cause: "main-exited"},
	}
	was, pid, restarts := "stopped", 0, 0
	for line := range strings.Lines(strings.TrimSpace(log)) {
		f := strings.Fields(line)
		e := words[f[2]]
		at, _ := time.ParseDuration(f[0] + "s")
		if len(f) > 3 {
			_, _ = fmt.Sscan(f[3], &pid)
		}
		switch {
		case e.To == "backoff":
			e.Attempt, e.Restarts = restarts+1, restarts
			e.Delay, _ = time.ParseDuration(f[5])
		case was == "backoff":
			restarts++
			e.Cause = "deadline"
			fallthrough
		default:
			e.Attempt, e.Restarts = restarts, restarts
		}
		e.At, e.Service, e.From = at, f[1], was
		if e.To != "starting" {
			e.Pid = pid
		}
		events, was = append(events, e), e.To
	}
	return events
}

// The verdicts hold for any supervisor. The history says what it runs, which faults were
// injected, what it reported, and what was observed; here all of that is invented. For a
// real supervisor, implement Supervisor of package chaos/live: live.Run then starts it,
// carries out the plan, and returns the history. tools/supervisord does so for supervisord.
func Example_anotherSupervisor() {
	const ms = time.Millisecond
	web := config.NewService("web", "/usr/bin/web")
	web.Backoff.Initial = time.Second
	kill := chaos.PlannedFault{At: 1000 * ms, Service: "web", Fault: "kill", Arg: "KILL"}
	history := chaos.History{
		Services: []config.Service{web},
		Plan:     chaos.Plan{Version: chaos.PlanVersion, Tick: time.Second, Duration: 3 * time.Second, Faults: []chaos.PlannedFault{kill}},
		Phases: []chaos.Span{
			{Phase: chaos.WarmUp, To: 1000 * ms}, {Phase: chaos.Faults, From: 1000 * ms, To: 4000 * ms},
			{Phase: chaos.Heal, From: 4000 * ms, To: 4000 * ms}, {Phase: chaos.Settle, From: 4000 * ms, To: 5000 * ms},
			{Phase: chaos.Shutdown, From: 5000 * ms, To: 5040 * ms},
		},
		Injections: []chaos.Injection{{PlannedFault: kill, At: 2000 * ms, Pid: 10, Lethal: true}},
		Processes: []chaos.ProcessRecord{ // as the observer saw them, by pidfd
			{Service: "web", Pid: 10, StartTime: 1, FirstSeen: 10 * ms, ExitedAt: 2000 * ms},
			{Service: "web", Pid: 11, StartTime: 2, FirstSeen: 3006 * ms, ExitedAt: 5029 * ms},
		},
		Events: keeperEvents(keeperLog),
		End:    chaos.End{At: 5040 * ms},
	}
	show := func(h chaos.History) {
		verdicts := chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack})
		fmt.Println(chaos.Conclude(h, verdicts))
		for _, v := range verdicts {
			if v.Outcome == chaos.Fail {
				fmt.Printf("  %s: %d %s: %s\n", v.Outcome, v.Number, v.Name, v.Evidence[0])
			}
		}
	}
	show(history)

	// The same log, and a process that it does not mention.
	history.Processes = append(history.Processes, chaos.ProcessRecord{Service: "web", Pid: 12, StartTime: 3, FirstSeen: 3500 * ms, ExitedAt: 5029 * ms, Overlapping: []int{11}})
	show(history)
	// Output:
	// pass
	// fail
	//   fail: 2 safety: web had two main processes at 3.5s: PID 11 and PID 12
	//   fail: 3 conservation: web: PID 12 ended at 5.029s, and that was never reported
}
