package simplan

import (
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sim"
)

// counterparts do the faults of chaos's catalogue on the simulated machine.
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

// without says why the others have no counterpart.
var unsupportedReasons = map[string]string{
	"hold-output": "on the simulated machine nobody but a service's own processes holds its output",
	"flood":       "on the simulated machine nobody but a service's own processes writes its output",
	"full-log":    "the simulated machine has no disk for gosv's log",
	"cpu":         "on the simulated machine no program takes processor time",
	"fork-burst":  "on the simulated machine nobody but a service starts processes in its cgroup",
}

func action(d sim.Interference) func(*builder, chaos.PlannedFault) {
	return func(r *builder, h chaos.PlannedFault) { r.add(h, sim.Action{Interference: d}) }
}

func signal(r *builder, h chaos.PlannedFault) {
	sig, _ := signame.Parse(h.Arg) // the catalogue has no other
	r.add(h, sim.Action{Signal: sig})
}

// lasts is how long a fault lasts.
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

// program has the next start be another program's.
func nextProgram(next func(script, arg string) sim.Next) func(*builder, chaos.PlannedFault) {
	return func(r *builder, h chaos.PlannedFault) {
		r.add(h, sim.Action{Interference: sim.ChangeProgram, Next: next(r.byName[h.Service].Script, h.Arg)})
	}
}

// enough is a limit of memory that no service comes near by itself.
const ampleMemory = 1 << 40

// memory has the main process take more than its limit; a service that has none
// gets one.
func memory(r *builder, h chaos.PlannedFault) {
	svc := r.byName[h.Service]
	if svc.Limits.MemoryMax == 0 {
		svc.Limits.MemoryMax = ampleMemory
	}
	r.add(h, sim.Action{Interference: sim.Grow})
}
