package sim

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// Healthy is the script of a service that runs until it is told to stop.
const Healthy = "sleep forever"

// generator makes a scenario from choices; 0 is always the simplest.
type generator struct{ fakesys.Choices }

func pick[T any](g generator, label string, from ...T) T { return from[g.Choose(label, len(from))] }

func (g generator) chance(label string, oneIn int) bool { return g.Choose(label, oneIn) == oneIn-1 }

// Generate makes a scenario by chance: a swarm, in which each run has its own
// machine, its own kinds of services and its own faults.
func Generate(choices fakesys.Choices) Scenario {
	g := generator{choices}
	s := Scenario{
		Machine: fakesys.Options{
			PidMax:    pick(g, "pid max", 300, 60, 120, 25),
			OrphanAny: g.chance("orphans cannot be told apart", 4),
			Preempt:   g.chance("preempt", 3),
		},
		Cgroup: pick(g, "cgroup mode", config.CgroupAuto, config.CgroupAuto, config.CgroupOff, config.CgroupRequire),
		EndAt:  pick(g, "end", 2*time.Minute, 20*time.Second, 5*time.Second, 10*time.Minute),
	}
	if g.chance("gosv is init", 8) {
		s.Machine.Pid = 1
	}
	g.cgroups(&s)
	if g.chance("few processes", 8) {
		s.Machine.MaxProcs = 6 + g.Choose("processes", 20)
	}
	if g.chance("few descriptors", 8) {
		s.Machine.MaxFiles = 8 + g.Choose("descriptors", 20)
	}
	count := 1 + g.Choose("services", 6)
	if g.chance("attached", 8) {
		count, s.Attached = 1, true
		s.Machine.Terminal = g.chance("terminal", 2)
	}
	for i := range count {
		s.Services = append(s.Services, g.service(fmt.Sprintf("s%d", i)))
	}
	for range g.Choose("actions", 6) {
		s.Actions = append(s.Actions, g.action(s))
	}
	if g.chance("faults", 2) {
		s.Machine.Faults = g.faults()
		s.HealAt = s.EndAt / 2
		if !g.chance("ends before it has healed", 3) {
			s.EndAt = max(s.EndAt, s.HealAt+s.convergence())
		}
	}
	return s
}

func (g generator) cgroups(s *Scenario) {
	all := []string{"cpu", "memory", "pids"}
	s.Machine.Cgroups = pick(g, "cgroups", nil,
		&fakesys.Cgroups{Delegated: "/"},
		&fakesys.Cgroups{Delegated: "/user", Own: "/user/me", Controllers: all, Enabled: all},
		&fakesys.Cgroups{Delegated: "/user", Own: "/user/me", KillBug: true},
		&fakesys.Cgroups{Delegated: "/", NoKillFile: true},
		&fakesys.Cgroups{Own: "/user/me"}, // not delegated
	)
}

func (g generator) service(name string) Service {
	s := NewService(name, "")
	s.Restart = pick(g, "restart", config.RestartAlways, config.RestartOnFailure, config.RestartNever)
	s.MaxRestarts = pick(g, "max restarts", 5, 0, 1, 2, config.Unlimited)
	s.Backoff = config.Backoff{
		Initial:    pick(g, "initial", time.Second, 0, time.Nanosecond, 10*time.Millisecond, 3*time.Second),
		Factor:     pick(g, "factor", 2, 1, 1.5, 10.0),
		Jitter:     pick(g, "jitter", 0, 0.1, 1.0),
		ResetAfter: pick(g, "reset after", time.Minute, time.Second, time.Millisecond),
	}
	s.Backoff.Max = s.Backoff.Initial + pick(g, "max", time.Minute, 0, 2*time.Second)
	s.StopTimeout = pick(g, "stop timeout", 10*time.Second, 0, 100*time.Millisecond, time.Second)
	s.StartTimeout = pick(g, "start timeout", 30*time.Second, time.Second, 50*time.Millisecond)
	s.StopSignal = pick(g, "stop signal", syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1)
	s.File = pick(g, "file", fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program,
		fakesys.NotExecutable, fakesys.MissingInterpreter, fakesys.Busy, fakesys.IOError, fakesys.Hanging)
	s.Script = g.script(s, 2)
	if g.chance("limits", 4) {
		s.Limits = pick(g, "limit", config.Limits{MemoryMax: 256 << 20, CPUPercent: 50}, config.Limits{PidsMax: 2}, config.Limits{CPUWeight: 200, MemoryHigh: 1 << 20})
	}
	return s
}

// script makes a program. depth bounds forks within forks.
func (g generator) script(s Service, depth int) string {
	life := pick(g, "life", time.Second, 0, time.Millisecond, s.Backoff.ResetAfter, s.Backoff.ResetAfter-1, s.Backoff.ResetAfter+1, 20*time.Second)
	end := pick(g, "end of program", "exit 0", "exit 1", "die KILL", "die SEGV", "exit 127")
	text := pick(g, "program", Healthy, "sleep "+life.String()+"; "+end,
		"ignore TERM; ignore INT; ignore USR1; sleep forever",
		"on TERM {sleep 200ms; exit 5}; on INT {exit 0}; sleep forever",
		end, "stop; sleep forever", "block 30s; "+end, "loop {sleep 500ms; print tick}")
	if depth == 0 {
		return text
	}
	child := func() string { return g.script(s, depth-1) }
	switch g.Choose("family", 6) {
	case 1:
		return "fork {" + child() + "}; " + text
	case 2:
		return "daemon {" + child() + "}; " + text
	case 3:
		return "fork {setsid; " + child() + "}; " + text
	case 4:
		return "daemon {setsid; " + child() + "}; " + text
	case 5:
		return "fork {fork {" + child() + "}; " + child() + "}; " + text
	}
	return text
}

func (g generator) action(s Scenario) Action {
	a := Action{At: time.Duration(g.Choose("when", 1000)) * s.EndAt / 1000}
	a.Service = s.Services[g.Choose("whom", len(s.Services))].Name
	kind := func(k lifecycle.Kind) *lifecycle.Kind { return &k }
	switch g.Choose("what", 8) {
	case 0:
		a.Signal = syscall.SIGKILL
	case 1:
		a.Signal = syscall.SIGTERM
	case 2:
		a.Command = kind(lifecycle.Stop)
	case 3:
		a.Command = kind(lifecycle.Start)
	case 4:
		a.Signal = syscall.SIGSTOP
	case 5:
		a.Command = kind(lifecycle.Kill)
	case 6:
		a.Service, a.Signal = "", pick(g, "signal", syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	case 7:
		a.Service, a.Signal = "", pick(g, "end signal", syscall.SIGTERM, syscall.SIGINT)
	}
	return a
}

// faults turns each kind on or off, with a rate of its own.
func (g generator) faults() *fakesys.Faults {
	rate := func(label string) int {
		if !g.chance(label, 2) {
			return 0
		}
		return 2 << g.Choose(label+" rate", 6)
	}
	f := &fakesys.Faults{
		Spawn: rate("spawn fault"), SlowSpawn: rate("slow spawn"), LostExit: rate("lost exit"), LateExit: rate("late exit"),
		LostWatch: rate("lost watch"), Starve: rate("starve"),
	}
	if f.SlowSpawn > 0 {
		f.SlowSpawnBy = pick(g, "slow spawn by", 100*time.Millisecond, 2*time.Second, 40*time.Second)
	}
	if f.LateExit > 0 {
		f.LateExitBy = pick(g, "late exit by", 10*time.Millisecond, time.Second)
	}
	if f.Starve > 0 {
		f.StarveBy = pick(g, "starve by", 10*time.Millisecond, 3*time.Second)
	}
	for _, c := range []fakesys.CallFault{
		{Op: fakesys.OpMkdir, Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOSPC, syscall.ENOENT}},
		{Op: fakesys.OpRmdir, Errnos: []syscall.Errno{syscall.EBUSY}},
		{Op: fakesys.OpOpenPid, Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}},
		{Op: fakesys.OpWatch, Errnos: []syscall.Errno{syscall.ENOSPC}},
		{Op: fakesys.OpReadDir, Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
		{Op: fakesys.OpReadFile, Target: "cgroup.events", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE}},
		{Op: fakesys.OpReadFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
		{Op: fakesys.OpReadFile, Target: "memory.events", Errnos: []syscall.Errno{syscall.EMFILE}},
		{Op: fakesys.OpReadFile, Target: "stat", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
		{Op: fakesys.OpReadFile, Target: "environ", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENOMEM}},
		{Op: fakesys.OpWriteFile, Target: "cgroup.kill", Errnos: []syscall.Errno{syscall.EMFILE}},
		{Op: fakesys.OpWriteFile, Target: "cgroup.freeze", Errnos: []syscall.Errno{syscall.EMFILE}},
		{Op: fakesys.OpWriteFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EMFILE, syscall.EAGAIN}},
		{Op: fakesys.OpWriteFile, Target: "cpu.max", Errnos: []syscall.Errno{syscall.EMFILE, syscall.EBUSY}},
	} {
		if c.Rate = rate("fail " + c.Op.String()); c.Rate > 0 {
			f.Calls = append(f.Calls, c)
		}
	}
	return f
}
