package sim

import (
	"fmt"
	"math"
	"slices"
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

// span draws a duration whose logarithm is uniform, between a least and 2^doublings
// of it.
func (g generator) span(label string, least time.Duration, doublings int) time.Duration {
	return least << g.Choose(label, doublings+1)
}

// beside draws a duration, exactly or a nanosecond off.
func (g generator) beside(d time.Duration) time.Duration {
	return max(0, d+pick(g, "beside", 0, 0, -time.Nanosecond, time.Nanosecond))
}

// Generate makes a scenario by chance: a swarm, in which each run has its own
// machine, its own kinds of services and its own faults, most of which are off.
func Generate(choices fakesys.Choices) Scenario {
	g := generator{choices}
	s := Scenario{
		Machine: g.machine(),
		Cgroup:  pick(g, "cgroup mode", config.CgroupAuto, config.CgroupAuto, config.CgroupOff, config.CgroupRequire, config.CgroupAuto, config.CgroupAuto),
		Steps:   pick(g, "steps", 200, 120, 120, 150, 150, 200, 300, 500),
	}
	if g.chance("very long", 256) {
		s.Steps *= 30
	}
	count := pick(g, "services", 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12)
	if g.chance("attached", 10) {
		count, s.Attached = 1, true
		s.Machine.Terminal = g.chance("terminal", 2)
	}
	for i := range count {
		s.Services = append(s.Services, g.service(fmt.Sprintf("s%d", i)))
	}
	if g.chance("a lasting service", 8) || !slices.ContainsFunc(s.Services, func(svc Service) bool { return s.lasts(&svc) }) && !g.chance("none lasts", 8) {
		g.makeLasting(&s.Services[len(s.Services)-1])
	}
	s.HealAt = pick(g, "faults end", 2*time.Minute, time.Second, 5*time.Second, 20*time.Second, 5*time.Minute, 20*time.Minute)
	if b := s.Services[0].Backoff; b.Initial == 0 && b.Factor > 50 && g.chance("until the factor overflows", 4) {
		s.Steps *= 20
	}
	if g.chance("a long day", 64) {
		g.calm(&s)
	}
	s.Environ = pick(g, "environment", nil, nil, []string{"PATH=/bin", invocation + "=outer-1"}, []string{"LANG=C", invocation + "=a-1/b-2", "PATH=/usr/bin", "HOME=/"})
	if g.chance("directory", 2) {
		s.Dir = "/etc/gosv"
	}
	for range g.Choose("actions", 8) {
		s.act(g)
	}
	if len(s.Services) > 1 && s.HealAt > 3*time.Second && g.chance("one finishes", 12) {
		g.finish(&s)
	}
	if g.chance("faults", 2) {
		s.Machine.Faults = g.faults(s.Services)
	}
	if g.chance("meddles in a stop", 8) {
		g.meddleInStop(&s)
	}
	if g.chance("spawns are abandoned", 32) {
		s.abandonSpawns()
	}
	if !g.chance("stays stopped", 8) {
		s.startStopped()
	}
	s.EndAt = s.HealAt + s.convergence()
	if g.chance("ends twice", 4) {
		s.EndAgain = pick(g, "again after", 150*time.Millisecond, time.Second, shutdownDebounce, 3*time.Second)
	}
	if g.chance("ends before it has healed", 10) {
		s.EndAt = s.HealAt * time.Duration(1+g.Choose("end", 16)) / 16
	}
	return s
}

// makeLasting returns a service a program that never exits by itself, and nothing that
// prevents its start.
func (g generator) makeLasting(s *Service) {
	s.File, s.TooLong, s.Dir, s.Limits = fakesys.Program, false, "", config.Limits{}
	s.StartTimeout = max(s.StartTimeout, time.Second)
	s.Script = pick(g, "lasting", Healthy, "ignore TERM; "+Healthy, g.handler(*s)+"; "+Healthy, "fork {"+g.program(*s)+"}; "+Healthy, "daemon {"+g.program(*s)+"}; "+Healthy)
}

// startStopped has an operator start what was stopped, when everything heals.
func (s *Scenario) startStopped() {
	stopped := map[string]bool{}
	for _, a := range s.Actions {
		if a.Command != nil {
			stopped[a.Service] = *a.Command != lifecycle.Start
		}
	}
	for _, svc := range s.Services {
		if stopped[svc.Name] {
			start := lifecycle.Start
			s.Actions = append(s.Actions, Action{At: s.HealAt, Service: svc.Name, Command: &start})
		}
	}
}

// calm makes a day on which little happens: programs live long, or for ever.
func (g generator) calm(s *Scenario) {
	s.Services = s.Services[:1]
	svc := &s.Services[0]
	svc.File, svc.TooLong, svc.Dir = fakesys.Program, false, ""
	svc.Script = pick(g, "calm", Healthy, "sleep "+g.span("hours of life", 10*time.Minute, 7).String()+"; "+g.end())
	svc.Backoff.Initial += time.Second
	svc.Backoff.Max += time.Second
	s.HealAt, s.Steps = 16*time.Hour, 30_000
}

// abandonSpawns makes a machine on which some starts take so long that gosv does not wait
// for them any more.
func (s *Scenario) abandonSpawns() {
	if s.Machine.Faults == nil {
		s.Machine.Faults = &fakesys.Faults{}
	}
	s.Machine.Faults.SlowSpawn, s.Machine.Faults.SlowSpawnBy = 4, 100*time.Second
	for i := range s.Services {
		s.Services[i].StartTimeout = min(s.Services[i].StartTimeout, 100*time.Millisecond)
	}
	s.HealAt, s.Steps = 20*time.Minute, max(s.Steps, 500)
}

func (g generator) machine() fakesys.Options {
	m := fakesys.Options{
		PidMax:  pick(g, "pid max", 60, 120, 25, 40, 80),
		Preempt: g.chance("preempt", 3),
		Cgroups: g.cgroups(),
	}
	if g.chance("gosv is init", 8) {
		m.Pid = 1
	}
	if g.chance("few processes", 8) {
		m.MaxProcs = 6 + g.Choose("processes", 20)
	}
	if g.chance("few descriptors", 8) {
		m.MaxFiles = 8 + g.Choose("descriptors", 20)
	}
	return m
}

var allControllers = []string{"cpu", "memory", "pids"}

func (g generator) cgroups() *fakesys.Cgroups {
	switch g.Choose("cgroups", 8) {
	case 1, 2:
		return &fakesys.Cgroups{Delegated: "/"}
	case 3:
		return &fakesys.Cgroups{Delegated: "/user", Own: "/user/me", Controllers: allControllers, Enabled: allControllers}
	case 4:
		return &fakesys.Cgroups{Delegated: "/user", Own: "/user/me", KillBug: true}
	case 5:
		return &fakesys.Cgroups{Delegated: "/", NoKillFile: true}
	case 6:
		return &fakesys.Cgroups{Delegated: "/", Controllers: allControllers}
	case 7:
		return &fakesys.Cgroups{Own: "/user/me"} // not delegated
	}
	return nil
}

// noDir does not exist.
const noDir = "/no/such/directory"

func (g generator) service(name string) Service {
	s := NewService(name, "")
	if g.chance("odd name", 16) {
		s.Command += ") R 1 (x"
	}
	s.Restart = pick(g, "restart", config.RestartAlways, config.RestartAlways, config.RestartOnFailure, config.RestartNever)
	s.MaxRestarts = pick(g, "max restarts", 5, 0, 1, 2, config.Unlimited, config.Unlimited)
	s.Backoff = g.backoff()
	s.StopTimeout = pick(g, "stop timeout", 10*time.Second, 0, time.Nanosecond, g.span("grace", 10*time.Millisecond, 11))
	s.StartTimeout = pick(g, "start timeout", 30*time.Second, g.span("patience", 10*time.Millisecond, 11), g.span("while it starts", 500*time.Microsecond, 4))
	s.StopSignal = pick(g, "stop signal", syscall.SIGTERM, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGKILL)
	s.File = pick(g, "file", fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program,
		fakesys.Program, fakesys.Program, fakesys.Program, fakesys.Program, fakesys.NotExecutable, fakesys.MissingInterpreter,
		fakesys.Busy, fakesys.IOError, fakesys.Hanging, fakesys.Empty, fakesys.Looping)
	switch g.Choose("oddity", 32) {
	case 1:
		s.Dir = noDir
	case 2:
		s.TooLong = true
	case 3, 4:
		s.Stall = g.span("stall", time.Millisecond, 16)
	case 5:
		s.Dir = "/srv/" + name
	case 6:
		s.Dir = "data"
	}
	if g.chance("words", 3) {
		s.Args = pick(g, "arguments", []string{"-v"}, []string{"two words", "", "--"}, nil)
		s.Env = pick(g, "variables", map[string]string{"PORT": "80" + name}, map[string]string{"LANG": "", "PATH": "/opt"}, nil)
	}
	s.Script = g.script(s, 2)
	if g.chance("limits", 4) {
		s.Limits = pick(g, "limit", config.Limits{MemoryMax: 256 << 20, CPUPercent: 50}, config.Limits{PidsMax: 2}, config.Limits{CPUWeight: 200, MemoryHigh: 1 << 20})
	}
	return s
}

// backoff draws delays from none to hours, and factors that soon leave what a
// duration can hold.
func (g generator) backoff() config.Backoff {
	b := config.Backoff{
		Initial:    pick(g, "initial", time.Second, 0, time.Nanosecond, g.span("first delay", time.Millisecond, 13)),
		Factor:     pick(g, "factor", 2, 1, 1.5, 10.0, 100.0, 1+math.SmallestNonzeroFloat32),
		Jitter:     pick(g, "jitter", 0, 0.1, 1.0),
		ResetAfter: pick(g, "reset after", time.Minute, g.span("stable", time.Millisecond, 13)),
	}
	b.Max = b.Initial + pick(g, "max", time.Minute, 0, time.Nanosecond, 2*time.Second, g.span("cap", time.Millisecond, 18))
	return b
}

// act is something that happens before everything heals; often at the same
// instant as the one before.
func (s *Scenario) act(g generator) {
	at := time.Duration(g.Choose("when", 1000)) * s.HealAt / 1000
	switch g.Choose("nearer", 6) {
	case 1:
		at /= 1000 // while gosv begins
	case 2, 3:
		if n := len(s.Actions); n > 0 {
			at = s.Actions[n-1].At + pick(g, "after", 0, time.Nanosecond, time.Millisecond, 100*time.Millisecond)
		}
	}
	a := Action{At: at, Service: s.Services[g.Choose("whom", len(s.Services))].Name}
	kind := func(k lifecycle.Kind) *lifecycle.Kind { return &k }
	switch g.Choose("what", 18) {
	case 0:
		a.Signal = syscall.SIGKILL
	case 1:
		a.Signal = pick(g, "crash", syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGQUIT)
	case 2:
		a.Signal = pick(g, "of a stranger", syscall.SIGTERM, syscall.SIGSEGV, syscall.SIGSTOP, syscall.SIGCONT, syscall.SIGHUP)
	case 3, 4:
		a.Command = kind(lifecycle.Stop)
		if g.chance("while it stops", 2) {
			s.Actions = append(s.Actions, a)
			a = g.whileStopping(a)
		}
	case 5:
		a.Command = kind(lifecycle.Start)
	case 6:
		a.Command = kind(lifecycle.Kill)
	case 7, 8: // a restart
		a.Command = kind(lifecycle.Stop)
		s.Actions = append(s.Actions, a)
		a.Command = kind(lifecycle.Start)
	case 9:
		a.Service, a.Signal = "", pick(g, "signal", syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCONT)
	case 10:
		if !g.chance("ends gosv", 2) {
			a.Signal = syscall.SIGKILL
			break
		}
		a.Service, a.Signal = "", pick(g, "end signal", syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL)
		if a.Signal == syscall.SIGKILL && s.Machine.Pid == 1 || s.Machine.Terminal && a.Signal != syscall.SIGKILL {
			a.Signal = syscall.SIGTERM // the others are the command's matter while it has the terminal, and init takes all with it
		}
		if g.chance("storm", 3) {
			s.Actions = append(s.Actions, a)
			a.Signal = pick(g, "signal", syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM)
		}
	case 11:
		a.Interference = Grow
		s.limitMemory(a.Service)
	default:
		if a = g.interference(a); a.Interference == Grow {
			s.limitMemory(a.Service)
		}
	}
	s.Actions = append(s.Actions, a)
}

// whileStopping draws an action on a service that is being stopped.
func (g generator) whileStopping(stop Action) Action {
	a := Action{At: stop.At + pick(g, "after the stop", time.Millisecond, 100*time.Millisecond, time.Second), Service: stop.Service}
	if g.chance("kill it", 8) {
		kill := lifecycle.Kill
		a.Command = &kill
		return a
	}
	a.Interference = onProcess[g.Choose("interference", len(onProcess))]
	if a.Interference == Pause {
		a.For = g.span("pause", time.Millisecond, 14)
	}
	return a
}

// meddleInStop stops a service that ignores the stop signal, and draws an external action
// during its grace.
func (g generator) meddleInStop(s *Scenario) {
	svc := &s.Services[len(s.Services)-1]
	g.makeLasting(svc)
	svc.Script, svc.StopSignal = "ignore TERM; "+Healthy, syscall.SIGTERM
	svc.StopTimeout = pick(g, "long grace", 10*time.Second, 3*time.Second)
	kind := lifecycle.Stop
	stop := Action{At: time.Duration(1+g.Choose("when", 9)) * s.HealAt / 10, Service: svc.Name, Command: &kind}
	s.Actions = append(s.Actions, stop, g.whileStopping(stop))
}

// finish makes the first of several services exit by itself for good, and then has an
// operator ask for something.
func (g generator) finish(s *Scenario) {
	svc := &s.Services[0]
	svc.File, svc.TooLong, svc.Dir, svc.Limits, svc.StartTimeout = fakesys.Program, false, "", config.Limits{}, 30*time.Second
	svc.Restart = pick(g, "finished", config.RestartNever, config.RestartOnFailure)
	svc.Script = "sleep " + g.span("length", time.Millisecond, 10).String() + "; exit 0"
	kind := pick(g, "what then", lifecycle.Start, lifecycle.Stop, lifecycle.Kill)
	s.Actions = append(s.Actions, Action{At: 3 * time.Second, Service: svc.Name, Command: &kind})
}

// limitMemory returns a service a limit, and a machine that can hold it to that:
// without them memory is of no interest.
func (s *Scenario) limitMemory(service string) {
	for i := range s.Services {
		if s.Services[i].Name == service {
			s.Services[i].Limits.MemoryMax = 256 << 20
		}
	}
	s.Machine.Cgroups, s.Cgroup = &fakesys.Cgroups{Delegated: "/", Controllers: allControllers}, config.CgroupAuto
}

func (g generator) interference(a Action) Action {
	a.Interference = interferences[g.Choose("interference", len(interferences))]
	switch a.Interference {
	case Pause:
		a.For = g.span("pause", time.Millisecond, 14)
		if g.chance("gosv itself", 2) {
			a.Service = ""
		}
	case StepWall, Suspend:
		a.Service, a.For = "", g.span("hours", time.Second, 14)
		if a.Interference == StepWall && g.chance("back", 2) {
			a.For = -a.For
		}
	}
	return a
}
