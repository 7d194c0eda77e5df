package chaos_test

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

const ms = time.Millisecond

func healthy() chaos.History {
	web, db := config.NewService("web", "web"), config.NewService("db", "db")
	web.Backoff.Initial, web.Backoff.Max = 100*ms, time.Second
	event := func(at time.Duration, service, from, to, cause string, pid, attempt, restarts int, delay time.Duration) chaos.Event {
		e := chaos.Event{At: at, Service: service, From: from, To: to, Cause: cause, Pid: pid, Attempt: attempt, Restarts: restarts, Delay: delay}
		if cause == "main-exited" {
			e.Exit = died(syscall.SIGKILL)
		}
		if to == "stopped" {
			e.Exit = died(syscall.SIGTERM)
		}
		return e
	}
	kill := func(at time.Duration, pid int) chaos.Injection {
		return chaos.Injection{PlannedFault: chaos.PlannedFault{At: at, Service: "web", Fault: "kill", Arg: "KILL"}, At: at, Pid: pid, Lethal: true, Signal: syscall.SIGKILL}
	}
	h := chaos.History{
		Services:   []config.Service{web, db},
		Injections: []chaos.Injection{kill(2000*ms, 10), kill(3000*ms, 11)},
		Phases: []chaos.Span{
			{Phase: chaos.WarmUp, From: 0, To: 1000 * ms}, {Phase: chaos.Faults, From: 1000 * ms, To: 5000 * ms},
			{Phase: chaos.Heal, From: 5000 * ms, To: 5000 * ms}, {Phase: chaos.Settle, From: 5000 * ms, To: 6000 * ms},
			{Phase: chaos.Shutdown, From: 6000 * ms, To: 6100 * ms},
		},
		Processes: []chaos.ProcessRecord{
			{Service: "web", Pid: 10, FirstSeen: 10 * ms, ExitedAt: 2001 * ms}, {Service: "web", Pid: 11, FirstSeen: 2105 * ms, ExitedAt: 3001 * ms},
			{Service: "web", Pid: 12, FirstSeen: 3206 * ms, ExitedAt: 6050 * ms}, {Service: "db", Pid: 20, FirstSeen: 10 * ms, ExitedAt: 6040 * ms},
		},
		Events: []chaos.Event{
			event(5*ms, "web", "stopped", "starting", "start", 0, 0, 0, 0), event(8*ms, "web", "starting", "running", "spawned", 10, 0, 0, 0),
			event(6*ms, "db", "stopped", "starting", "start", 0, 0, 0, 0), event(8*ms, "db", "starting", "running", "spawned", 20, 0, 0, 0),
			event(2001*ms, "web", "running", "backoff", "main-exited", 10, 1, 0, 100*ms),
			event(2101*ms, "web", "backoff", "starting", "deadline", 0, 1, 1, 0), event(2104*ms, "web", "starting", "running", "spawned", 11, 1, 1, 0),
			event(3001*ms, "web", "running", "backoff", "main-exited", 11, 2, 1, 200*ms),
			event(3201*ms, "web", "backoff", "starting", "deadline", 0, 2, 2, 0), event(3204*ms, "web", "starting", "running", "spawned", 12, 2, 2, 0),
			event(6001*ms, "web", "running", "stopping", "stop", 12, 2, 2, 0), event(6050*ms, "web", "stopping", "stopped", "main-exited", 12, 2, 2, 0),
			event(6001*ms, "db", "running", "stopping", "stop", 20, 0, 0, 0), event(6041*ms, "db", "stopping", "stopped", "main-exited", 20, 0, 0, 0),
		},
		End: chaos.End{At: 6100 * ms},
	}
	for _, d := range h.Injections {
		h.Plan.Faults = append(h.Plan.Faults, d.PlannedFault)
	}
	for i := range h.Processes {
		h.Processes[i].Exit = died(syscall.SIGKILL)
		if h.Processes[i].ExitedAt > 6000*ms {
			h.Processes[i].Exit = died(syscall.SIGTERM)
		}
	}
	return h
}

func died(sig syscall.Signal) chaos.ExitStatus { return chaos.ExitStatus{Known: true, Signal: sig} }

func judge(h chaos.History) map[int]chaos.Outcome {
	outcomes := map[int]chaos.Outcome{}
	for _, v := range chaos.Judge(h, chaos.Rules{Slack: chaos.DefaultSlack}) {
		outcomes[v.Number] = v.Outcome
	}
	return outcomes
}

func late() chaos.History {
	h := healthy()
	h.Events[6].At += 200 * ms
	for i := range h.Processes {
		if h.Processes[i].Pid == 11 {
			h.Processes[i].FirstSeen += 200 * ms
		}
	}
	return h
}

func killedLate(h *chaos.History, mortal bool) {
	h.End.At, h.Processes[2].ExitedAt, h.Processes[2].DiesOnStopSignal = 16200*ms, 16010*ms, mortal
	killedAtTheEnd(h)
}

func killedAtTheEnd(h *chaos.History) {
	h.Events[11].Exit, h.Processes[2].Exit = died(syscall.SIGKILL), died(syscall.SIGKILL)
}

func stalled(from, to time.Duration) chaos.Injection {
	return chaos.Injection{PlannedFault: chaos.PlannedFault{At: from, Fault: "stop-supervisor", Arg: "1s"}, At: from, UndoneAt: to, StopsSupervisor: true}
}

func withFailedStart() chaos.History {
	h := healthy()
	failed := []chaos.Event{
		{At: 2103 * ms, Service: "web", From: "starting", To: "backoff", Cause: "spawn-failed", Attempt: 2, Restarts: 1, Delay: 200 * ms},
		{At: 2303 * ms, Service: "web", From: "backoff", To: "starting", Cause: "deadline", Attempt: 2, Restarts: 2},
		{At: 2305 * ms, Service: "web", From: "starting", To: "running", Cause: "spawned", Pid: 11, Attempt: 2, Restarts: 2},
	}
	h.Events = append(h.Events[:6:6], append(failed, h.Events[7:]...)...)
	for i := range h.Events[9:] {
		if e := &h.Events[9+i]; e.Service == "web" {
			e.Attempt, e.Restarts = e.Attempt+1, e.Restarts+1
		}
	}
	h.Events[9].Delay = 400 * ms
	for i := range h.Events[10:12] {
		h.Events[10+i].At += 200 * ms
	}
	h.Processes[1].FirstSeen, h.Processes[2].FirstSeen = 2306*ms, 3406*ms
	return h
}

func outcomes(h chaos.History) (all []chaos.Outcome) {
	for _, o := range judge(h) {
		all = append(all, o)
	}
	return all
}
