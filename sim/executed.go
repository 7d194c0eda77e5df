package sim

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// checkExecuted checks rule 30: the executed program and its limits are those of the
// configuration, from which alone they are computed here.
func (c *checker) checkExecuted(f *instanceModel, pid int) {
	p, _ := c.k.Process(pid)
	s, _ := c.k.Setting(pid)
	svc := &f.of.svc
	differ := func(what string, got, want any) {
		c.fail(ruleExecuted, "%s: PID %d runs with %s %v instead of %v", svc.Name, pid, what, got, want)
	}
	if p.Path != svc.Command || p.Args[0] != svc.Command || !slices.Equal(p.Args[1:], svc.Args) {
		differ("the command line", append([]string{p.Path}, p.Args...), append([]string{svc.Command, svc.Command}, svc.Args...))
	}
	if want := c.s.workingDir(svc); s.Dir != want {
		differ("the working directory", s.Dir, want)
	}
	session := pid
	if c.s.Attached {
		self, _ := c.k.Process(c.self)
		session = self.Sid
	}
	if p.Pgid != pid || p.Sid != session {
		differ("the group and session", []int{p.Pgid, p.Sid}, []int{pid, session})
	}
	if s.Blocked || s.Ignored {
		differ("signals", "blocked or ignored", "all as by default")
	}
	if s.Inherited != c.s.Attached {
		differ("gosv's own input and output:", s.Inherited, c.s.Attached)
	}
	stderr := 1
	if svc.Stall > 0 {
		stderr = 2
	}
	if !c.s.Attached && (!isOutlet(s.Stdout, svc.Name, 1) || !isOutlet(s.Stderr, svc.Name, stderr)) {
		differ("outputs to", []sys.Sink{s.Stdout, s.Stderr}, "its own sinks")
	}
	c.decide(ruleExecuted)
	c.checkEnvironment(f.of, p)
	c.checkLimits(f.of, p)
}

// workingDir is where a service's program begins.
func (s Scenario) workingDir(svc *Service) string {
	if svc.Dir == "" {
		return "/"
	}
	if path.IsAbs(svc.Dir) {
		return svc.Dir
	}
	return path.Join("/", s.Dir, svc.Dir)
}

const invocation = "GOSV_INVOCATION"

// checkEnvironment: gosv's own, with the service's on top, and its invocation exactly
// once, which no other start has, behind that of a gosv around this one.
func (c *checker) checkEnvironment(t *serviceModel, p fakesys.Process) {
	value, rest := "", make([]string, 0, len(p.Env))
	for _, kv := range p.Env {
		if v, ok := strings.CutPrefix(kv, invocation+"="); ok && value == "" {
			value = v
			continue
		}
		rest = append(rest, kv)
	}
	slices.Sort(rest)
	want, outer := c.s.environment(&t.svc)
	switch {
	case !slices.Equal(rest, want):
		c.fail(ruleExecuted, "%s: %d runs with the environment %q, and not %q", t.svc.Name, p.Pid, rest, want)
	case value == "" || !strings.HasPrefix(value, outer):
		c.fail(ruleExecuted, "%s: %d has the invocation %q, which does not begin with %q", t.svc.Name, p.Pid, value, outer)
	case c.invocations[value]:
		c.fail(ruleExecuted, "%s: %d has the invocation %q, which is another start's", t.svc.Name, p.Pid, value)
	}
	c.invocations[value] = true
}

// environment is what a service is given, sorted, without its invocation; and what
// that begins with.
func (s Scenario) environment(svc *Service) (env []string, outer string) {
	for _, kv := range s.environ() {
		name, value, _ := strings.Cut(kv, "=")
		if name == invocation {
			outer = value + "/"
		} else if _, replaced := svc.Env[name]; !replaced {
			env = append(env, kv)
		}
	}
	for name, value := range svc.Env {
		env = append(env, name+"="+value)
	}
	slices.Sort(env)
	return env, outer
}

// environ is gosv's own.
func (s Scenario) environ() []string {
	if s.Environ == nil {
		return []string{"PATH=/usr/bin:/bin"}
	}
	return s.Environ
}

// checkPlace checks rule 13: a service runs in the cgroup that was created for this start,
// and gosv creates one where the machine allows it.
func (c *checker) checkPlace(f *instanceModel, pid int) {
	p, _ := c.k.Process(pid)
	switch {
	case f.leaf != "" || c.grouped || c.s.Cgroup == config.CgroupRequire || c.plainGroups():
		c.decide(ruleCgroup)
	default:
		c.excuse(ruleCgroup, noCgroup)
	}
	if f.leaf != "" && f.leaf != path.Join(mount, p.Cgroup) {
		c.fail(ruleCgroup, "%s: %d runs in %s, and not in %s", f.of.svc.Name, pid, p.Cgroup, f.leaf)
	}
	if f.leaf == "" && (c.grouped || c.s.Cgroup == config.CgroupRequire || c.plainGroups()) {
		c.fail(ruleCgroup, "%s: %d runs in no cgroup of its own", f.of.svc.Name, pid)
	}
}

const mount = "/sys/fs/cgroup"

// plainGroups reports whether gosv can have cgroups, and nobody is in its way.
func (c *checker) plainGroups() bool {
	g := c.s.Machine.Cgroups
	return g != nil && c.s.Cgroup != config.CgroupOff && !g.ReadOnly && g.Delegated != "" && !c.callsMayFail() && !c.previous && len(c.neighbours) == 0
}

// checkLimits compares the files of a service's cgroup with its limits.
func (c *checker) checkLimits(t *serviceModel, p fakesys.Process) {
	f := c.instanceOf[p.Pid]
	switch {
	case f.leaf == "":
		c.excuse(ruleLimits, noCgroup)
		return
	case c.callsMayFail():
		c.excuse(ruleLimits, faultsInjected)
		return
	}
	c.decide(ruleLimits)
	l, g := t.svc.Limits, c.s.Machine.Cgroups
	for _, file := range []struct {
		controller, name, unset string
		set                     bool
		value                   string
	}{
		{"memory", "memory.max", "max", l.MemoryMax != 0, fmt.Sprint(l.MemoryMax)},
		{"memory", "memory.high", "max", l.MemoryHigh != 0, fmt.Sprint(l.MemoryHigh)},
		{"memory", "memory.oom.group", "1", false, ""},
		{"cpu", "cpu.max", "max 100000", l.CPUPercent != 0, fmt.Sprint(l.CPUPercent*1000, " 100000")},
		{"cpu", "cpu.weight", "100", l.CPUWeight != 0, fmt.Sprint(l.CPUWeight)},
		{"pids", "pids.max", "max", l.PidsMax != 0, fmt.Sprint(l.PidsMax)},
	} {
		want := file.unset
		if file.set {
			want = file.value
		}
		got, exists := c.k.ControlFile(path.Join(path.Dir(f.leaf), file.name))
		handed := slices.Contains(g.Controllers, file.controller) && (path.Join("/", g.Own) == "/" || slices.Contains(g.Enabled, file.controller))
		switch {
		case exists && strings.TrimSpace(got) != want:
			c.fail(ruleExecuted, "%s: %d runs with %s at %q, and not %q", t.svc.Name, p.Pid, file.name, got, want)
		case !exists && file.set && (c.s.Cgroup == config.CgroupRequire || handed && c.plainGroups()):
			c.fail(ruleExecuted, "%s: %d runs without %s", t.svc.Name, p.Pid, file.name)
		}
	}
}

// outlet is where one stream of a service leads.
type outlet struct {
	service string
	stream  int // 1 or 2
}

func (o outlet) is(service string, stream int) bool {
	return o.service == service && o.stream == stream
}

// isOutlet reports whether a sink is that of a stream of a service.
func isOutlet(s sys.Sink, service string, stream int) bool {
	o, ok := s.(interface{ is(string, int) bool })
	return ok && o.is(service, stream)
}
