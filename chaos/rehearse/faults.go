package rehearse

import (
	"time"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sim"
)

// counterparts do the faults of chaos's catalogue on the simulated machine.
var counterparts = map[string]func(*rehearsal, chaos.Hit){
	"kill":        signal,
	"signal":      signal,
	"kill-member": deed(sim.KillMember),
	"kill-group":  deed(sim.KillFamily),
	"kill-cgroup": deed(sim.KillCgroup),
	"stop":        pause,
	"freeze":      freeze,

	"start-missing": program(func(string, string) sim.Next { return sim.Next{File: fakesys.MissingInterpreter} }),
	"start-denied":  program(func(string, string) sim.Next { return sim.Next{File: fakesys.NotExecutable} }),
	"start-busy":    program(func(string, string) sim.Next { return sim.Next{File: fakesys.Busy} }),
	"start-exit":    program(func(_, arg string) sim.Next { return sim.Next{Script: "exit " + arg} }),
	"start-slow":    program(func(script, arg string) sim.Next { return sim.Next{Script: "sleep " + arg + "; " + script} }),
	"orphan":        program(func(script, _ string) sim.Next { return sim.Next{Script: "daemon {sleep forever}; " + script} }),
	"escape":        program(func(script, _ string) sim.Next { return sim.Next{Script: "daemon {setsid; sleep forever}; " + script} }),

	"memory": memory,

	"stop-supervisor": pause,
}

// without says why the others have no counterpart.
var without = map[string]string{
	"hold-output": "on the simulated machine nobody but a service's own processes holds its output",
	"flood":       "on the simulated machine nobody but a service's own processes writes its output",
	"full-log":    "the simulated machine has no disk for gosv's log",
	"cpu":         "on the simulated machine no program takes processor time",
	"fork-burst":  "on the simulated machine nobody but a service starts processes in its cgroup",
}

func deed(d sim.Deed) func(*rehearsal, chaos.Hit) {
	return func(r *rehearsal, h chaos.Hit) { r.add(h, sim.Action{Deed: d}) }
}

func signal(r *rehearsal, h chaos.Hit) {
	sig, _ := signame.Parse(h.Arg) // the catalogue has no other
	r.add(h, sim.Action{Signal: sig})
}

// lasts is how long a fault lasts.
func lasts(h chaos.Hit) time.Duration {
	d, _ := time.ParseDuration(h.Arg) // the catalogue has no other
	return d
}

func pause(r *rehearsal, h chaos.Hit) { r.add(h, sim.Action{Deed: sim.Pause, For: lasts(h)}) }

func freeze(r *rehearsal, h chaos.Hit) { r.add(h, sim.Action{Deed: sim.Freeze, For: lasts(h)}) }

// program has the next start be another program's.
func program(next func(script, arg string) sim.Next) func(*rehearsal, chaos.Hit) {
	return func(r *rehearsal, h chaos.Hit) {
		r.add(h, sim.Action{Deed: sim.ChangeProgram, Next: next(r.byName[h.Service].Script, h.Arg)})
	}
}

// enough is a limit of memory that no service comes near by itself.
const enough = 1 << 40

// memory has the main process take more than its limit; a service that has none
// gets one.
func memory(r *rehearsal, h chaos.Hit) {
	svc := r.byName[h.Service]
	if svc.Limits.MemoryMax == 0 {
		svc.Limits.MemoryMax = enough
	}
	r.add(h, sim.Action{Deed: sim.Grow})
}
