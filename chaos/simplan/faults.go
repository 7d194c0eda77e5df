package simplan

import (
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sim"
)

// translators translate the faults of the catalogue into actions of the simulator.
var translators = map[string]func(*builder, chaos.PlannedFault){
	"kill":        signal,
	"signal":      signal,
	"kill-member": action(sim.KillMember),
	"kill-group":  action(sim.KillFamily),
	"kill-cgroup": action(sim.KillCgroup),
	"stop":        pause,
	"freeze":      freeze,

	"start-missing": nextProgram(func(string, string) sim.Next { return sim.Next{File: fakesys.MissingInterpreter} }),
	"start-denied":  nextProgram(func(string, string) sim.Next { return sim.Next{File: fakesys.NotExecutable} }),
	"start-busy":    nextProgram(func(string, string) sim.Next { return sim.Next{File: fakesys.Busy} }),
	"start-exit":    nextProgram(func(_, arg string) sim.Next { return sim.Next{Script: "exit " + arg} }),
	"start-slow":    nextProgram(func(script, arg string) sim.Next { return sim.Next{Script: "sleep " + arg + "; " + script} }),
	"orphan":        nextProgram(func(script, _ string) sim.Next { return sim.Next{Script: "daemon {sleep forever}; " + script} }),
	"escape":        nextProgram(func(script, _ string) sim.Next { return sim.Next{Script: "daemon {setsid; sleep forever}; " + script} }),

	"memory": memory,

	"stop-supervisor": pause,
}

// unsupportedReasons says why the simulator does not support the other faults.
var unsupportedReasons = map[string]string{
	"hold-output": "on the simulated machine only the processes of a service hold its output",
	"flood":       "on the simulated machine only the processes of a service write its output",
	"full-log":    "the simulated machine has no disk for gosv's log",
	"cpu":         "on the simulated machine programs use no processor time",
	"fork-burst":  "on the simulated machine only a service starts processes in its cgroup",
}

func action(d sim.Interference) func(*builder, chaos.PlannedFault) {
	return func(r *builder, h chaos.PlannedFault) { r.add(h, sim.Action{Interference: d}) }
}

func signal(r *builder, h chaos.PlannedFault) {
	sig, _ := signame.Parse(h.Arg) // the catalogue has no other
	r.add(h, sim.Action{Signal: sig})
}

// duration returns how long a fault lasts.
func duration(h chaos.PlannedFault) time.Duration {
	d, _ := time.ParseDuration(h.Arg) // the catalogue has no other
	return d
}

func pause(r *builder, h chaos.PlannedFault) {
	r.add(h, sim.Action{Interference: sim.Pause, For: duration(h)})
}

func freeze(r *builder, h chaos.PlannedFault) {
	r.add(h, sim.Action{Interference: sim.Freeze, For: duration(h)})
}

// nextProgram replaces the program of the next start.
func nextProgram(next func(script, arg string) sim.Next) func(*builder, chaos.PlannedFault) {
	return func(r *builder, h chaos.PlannedFault) {
		r.add(h, sim.Action{Interference: sim.ChangeProgram, Next: next(r.byName[h.Service].Script, h.Arg)})
	}
}

// ampleMemory is a limit that no service reaches by itself.
const ampleMemory = 1 << 40

// memory makes the main process exceed its limit. A service without a limit gets one.
func memory(r *builder, h chaos.PlannedFault) {
	svc := r.byName[h.Service]
	if svc.Limits.MemoryMax == 0 {
		svc.Limits.MemoryMax = ampleMemory
	}
	r.add(h, sim.Action{Interference: sim.Grow})
}
