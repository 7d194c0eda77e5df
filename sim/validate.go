package sim

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/testproc"
)

// longest is more than any span of a scenario needs; sums of them do not overflow.
const longest = 20 * 365 * 24 * time.Hour

// Validate tells what is wrong with a scenario that somebody has written, or edited.
func (s Scenario) Validate() error {
	names, commands := map[string]bool{}, map[string]bool{}
	if len(s.Services) == 0 {
		return errors.New("there is no service")
	}
	for _, svc := range s.Services {
		if names[svc.Name] || commands[svc.Command] {
			return fmt.Errorf("two services are called %q or run %q", svc.Name, svc.Command)
		}
		names[svc.Name], commands[svc.Command] = true, true
		if err := svc.validate(); err != nil {
			return fmt.Errorf("service %q: %w", svc.Name, err)
		}
	}
	if s.Attached && len(s.Services) != 1 {
		return errors.New("gosv --run has one service")
	}
	for i, a := range s.Actions {
		if err := a.validate(names); err != nil {
			return fmt.Errorf("action %d: %w", i+1, err)
		}
		if s.Machine.Pid == 1 && a.Service == "" && a.Signal == syscall.SIGKILL {
			return fmt.Errorf("action %d: gosv is the init of its world, which ends with it", i+1)
		}
	}
	for _, f := range s.Fails {
		if f.Call < 1 || !anErrno(f.Errno) {
			return fmt.Errorf("fail %+v: a call is counted from 1 on, and an errno is from 1 to 133", f)
		}
	}
	for i, call := range s.Slow {
		if call.Call < 1 || i > 0 && call.Call <= s.Slow[i-1].Call || call.By <= 0 || call.By > time.Hour {
			return fmt.Errorf("slow %+v: calls are counted from 1 on and stand in their order, and take more than 0s and at most 1h", call)
		}
	}
	return errors.Join(s.validateRun(), validateMachine(s.Machine))
}

func (s Scenario) validateRun() error {
	modes := []config.CgroupMode{"", config.CgroupAuto, config.CgroupOff, config.CgroupRequire}
	switch {
	case !slices.Contains(modes, s.Cgroup):
		return fmt.Errorf("cgroup is %q: it is auto, off or require", s.Cgroup)
	case s.Steps < 0 || s.Steps > 1<<50:
		return fmt.Errorf("steps are %d: from 0 to %d", s.Steps, int64(1<<50))
	case s.Dir != "" && !path.IsAbs(s.Dir):
		return fmt.Errorf("dir is %q: it begins with /", s.Dir)
	case !slices.IsSorted(s.Crashes) || len(s.Crashes) > 0 && s.Crashes[0] < 1 || len(s.Crashes) > 1000:
		return fmt.Errorf("crashes are %v: at most 1000 steps from 1 on, one after the other", s.Crashes)
	case len(s.Crashes) > 0 && s.Machine.Pid == 1:
		return errors.New("gosv crashes, and is the init of its world, which ends with it")
	}
	for _, kv := range s.Environ {
		if !strings.Contains(kv, "=") {
			return fmt.Errorf("environ has %q: it is NAME=value", kv)
		}
	}
	return spans(map[string]time.Duration{"HealAt": s.HealAt, "EndAt": s.EndAt, "EndAgain": s.EndAgain})
}

// spans tells which of some durations is negative or too long.
func spans(all map[string]time.Duration) error {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if d := all[name]; d < 0 || d > longest {
			return fmt.Errorf("%s is %v: it is from 0 to %v", name, d, longest)
		}
	}
	return nil
}

var (
	serviceName = regexp.MustCompile(`^[A-Za-z0-9_@][A-Za-z0-9_.@-]{0,63}$`)
	policies    = []config.Restart{config.RestartAlways, config.RestartOnFailure, config.RestartNever}
)

func (s Service) validate() error {
	b := s.Backoff
	switch {
	case !serviceName.MatchString(s.Name):
		return errors.New("its name is 1 to 64 of the characters A-Z a-z 0-9 _ . @ -, and does not begin with . or -")
	case !strings.HasPrefix(s.Command, "/") || path.Clean(s.Command) != s.Command || s.Command == "/":
		return fmt.Errorf("command is %q: it is a clean path that begins with /", s.Command)
	case s.File > fakesys.Hanging:
		return fmt.Errorf("file is %d: there is no such kind", s.File)
	case !slices.Contains(policies, s.Restart):
		return fmt.Errorf("restart is %q: it is always, on-failure or never", s.Restart)
	case s.MaxRestarts < config.Unlimited:
		return fmt.Errorf("max_restarts is %d: it is -1 or more", s.MaxRestarts)
	case b.Factor < 1 || b.Factor > math.MaxInt32 || b.Jitter < 0 || b.Jitter > 1:
		return fmt.Errorf("backoff has the factor %v and the jitter %v: a factor is at least 1, a jitter from 0 to 1", b.Factor, b.Jitter)
	case s.StopSignal < 1 || s.StopSignal > 31:
		return fmt.Errorf("stop_signal is %d: from 1 to 31", s.StopSignal)
	case s.Limits.MemoryMax < 0 || s.Limits.MemoryHigh < 0 || s.Limits.CPUPercent < 0 || s.Limits.CPUWeight < 0 || s.Limits.CPUWeight > 10000 || s.Limits.PidsMax < 0:
		return fmt.Errorf("limits are %+v: none is negative, and a weight is at most 10000", s.Limits)
	}
	if _, err := testproc.Parse(s.Script); err != nil && s.File == fakesys.Program {
		return fmt.Errorf("its script: %w", err)
	}
	return spans(map[string]time.Duration{"StopTimeout": s.StopTimeout, "StartTimeout": s.StartTimeout, "Stall": s.Stall,
		"Backoff.Initial": b.Initial, "Backoff.Max": b.Max, "Backoff.ResetAfter": b.ResetAfter})
}

func (a Action) validate(services map[string]bool) error {
	ofMachine := a.Interference == StepWall || a.Interference == Suspend || a.Interference == Neighbour || a.Interference == Pause
	kinds := 0
	for _, is := range []bool{a.Signal != 0, a.Command != nil, a.Interference != ""} {
		if is {
			kinds++
		}
	}
	length := a.For
	if a.Interference == StepWall {
		length = max(length, -length)
	}
	switch {
	case a.Service != "" && !services[a.Service]:
		return fmt.Errorf("there is no service %q", a.Service)
	case kinds != 1:
		return errors.New("it is one of a signal, a command and a deed")
	case a.Signal < 0 || a.Signal > 64:
		return fmt.Errorf("there is no signal %d", a.Signal)
	case a.Interference != "" && !slices.Contains(interferences, a.Interference) && a.Interference != Neighbour && chaosFaults[a.Interference] == nil:
		return fmt.Errorf("there is no deed %q", a.Interference)
	case a.Service == "" && (a.Command != nil || a.Interference != "" && !ofMachine):
		return errors.New("it is for a service, and names none")
	case a.Costs < 0:
		return fmt.Errorf("it costs %d restarts", a.Costs)
	case a.Next.File > fakesys.Hanging:
		return fmt.Errorf("file is %d: there is no such kind", a.Next.File)
	}
	if _, err := testproc.Parse(a.Next.Script); err != nil && a.Interference == ChangeProgram && a.Next.File == fakesys.Program {
		return fmt.Errorf("its script: %w", err)
	}
	return spans(map[string]time.Duration{"At": a.At, "For": length, "Within": a.Within})
}

func anErrno(e syscall.Errno) bool { return e >= 1 && e <= 133 }

func validateMachine(m fakesys.Options) error {
	pid := max(m.Pid, 10)
	switch {
	case m.Pid < 0 || m.Pid > 1000:
		return fmt.Errorf("the pid of gosv is %d: from 1 to 1000, or 0 for 10", m.Pid)
	case m.PidMax != 0 && (m.PidMax < pid+4 || m.PidMax > 1<<15):
		return fmt.Errorf("PidMax is %d: from %d to 32768", m.PidMax, pid+4)
	case m.PidMax == 0 && pid > 290:
		return fmt.Errorf("the pid of gosv is %d, and PidMax is 300", m.Pid)
	case m.MaxFiles < 0 || m.MaxProcs < 0 || m.MaxProcs == 1 || m.MaxProcs == 2 || m.Patience < 0:
		return errors.New("MaxFiles, MaxProcs and Patience are not negative, and there are at least 3 processes")
	}
	if g := m.Cgroups; g != nil {
		for _, c := range slices.Concat(g.Controllers, g.Enabled) {
			if !slices.Contains(allControllers, c) {
				return fmt.Errorf("there is no controller %q: %v", c, allControllers)
			}
		}
		for _, p := range []string{g.Mount, g.Own, g.Delegated} {
			if p != "" && path.Join("/", p) != p {
				return fmt.Errorf("%q is no clean path that begins with /", p)
			}
		}
		if g.Mount != "" && g.Mount != mount {
			return fmt.Errorf("cgroups are mounted at %q: the checker looks at %s", g.Mount, mount)
		}
	}
	return errors.Join(validateFaults(m.Faults), spans(map[string]time.Duration{"SpawnLatency": m.SpawnLatency}))
}

func validateFaults(f *fakesys.Faults) error {
	if f == nil {
		return nil
	}
	for _, rate := range []int{f.Spawn, f.SlowSpawn, f.LostExit, f.LateExit, f.StolenExit, f.LostWatch, f.Starve, f.Interrupt, f.SlowCall, f.LostJob, f.LateJob, f.TornProc, f.InexactProc} {
		if rate < 0 {
			return fmt.Errorf("a fault has the rate %d: one time in so many, 0 for never", rate)
		}
	}
	for _, c := range f.Calls {
		if c.Rate < 0 || len(c.Errnos) == 0 || slices.ContainsFunc(c.Errnos, func(e syscall.Errno) bool { return !anErrno(e) }) {
			return fmt.Errorf("a call %v %s has the rate %d and the errnos %v: a rate is not negative, and there is an errno", c.Op, c.Target, c.Rate, c.Errnos)
		}
	}
	all := map[string]time.Duration{"SlowSpawnBy": f.SlowSpawnBy, "LateExitBy": f.LateExitBy, "StarveBy": f.StarveBy, "LateJobBy": f.LateJobBy}
	for i, d := range f.SlowCallBy {
		all[fmt.Sprintf("SlowCallBy %d", i+1)] = d
	}
	return spans(all)
}
