package sim

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
)

// machineText is the machine for a person, in lines.
func (s Scenario) machineText() string {
	var b strings.Builder
	m := s.Machine
	fmt.Fprintf(&b, "cgroup %s; gosv has PID %d, PIDs go up to %d\n", cmp.Or(s.Cgroup, config.CgroupAuto), cmp.Or(m.Pid, 10), cmp.Or(m.PidMax, 300))
	if m.MaxFiles > 0 {
		fmt.Fprintf(&b, "at most %d descriptors\n", m.MaxFiles)
	}
	if m.MaxProcs > 0 {
		fmt.Fprintf(&b, "at most %d processes\n", m.MaxProcs)
	}
	if m.Preempt {
		b.WriteString("others may run at every call of gosv\n")
	}
	if s.Environ != nil {
		fmt.Fprintf(&b, "environment of gosv: %q\n", s.Environ)
	}
	if s.Dir != "" {
		fmt.Fprintf(&b, "directory of the configuration: %s\n", s.Dir)
	}
	if m.Cgroups != nil {
		fmt.Fprintf(&b, "cgroup2: %s\n", groupsText(*m.Cgroups))
	}
	if m.Faults != nil {
		fmt.Fprintf(&b, "faults until %v: %s\n", s.HealAt, cmp.Or(faultsText(*m.Faults), "none"))
	}
	return b.String()
}

func groupsText(g fakesys.Cgroups) string {
	words := []string{"gosv is in " + cmp.Or(g.Own, "/"), "it may write to " + cmp.Or(g.Delegated, "nothing")}
	add := func(is bool, text string) {
		if is {
			words = append(words, text)
		}
	}
	add(len(g.Controllers) > 0, "controllers "+strings.Join(g.Controllers, " "))
	add(len(g.Enabled) > 0, "enabled "+strings.Join(g.Enabled, " "))
	add(g.ReadOnly, "mounted read-only")
	add(g.KillBug, "kills at birth what is born in a group that was killed")
	add(g.NoKillFile, "no cgroup.kill")
	return strings.Join(words, ", ")
}

// faultsText names those that are on: "1 of 4 starts fails".
func faultsText(f fakesys.Faults) string {
	var words []string
	for _, one := range []struct {
		rate int
		what string
		by   any
	}{
		{f.Spawn, "starts fails", nil},
		{f.SlowSpawn, "steps of a start takes longer, by", f.SlowSpawnBy},
		{f.LostExit, "exits is not told", nil},
		{f.LateExit, "exits is told late, by up to", f.LateExitBy},
		{f.StolenExit, "exits is reaped by somebody else", nil},
		{f.LostWatch, "changes of a cgroup is not told", nil},
		{f.Starve, "wakes comes late, by up to", f.StarveBy},
		{f.Interrupt, "waits ends without a reason", nil},
		{f.SlowCall, "calls is slow, by", f.SlowCallBy},
		{f.LostJob, "jobs never runs", nil},
		{f.LateJob, "jobs runs late, by up to", f.LateJobBy},
		{f.TornProc, "reads of /proc is cut short", nil},
		{f.InexactProc, "lists of /proc is inexact", nil},
	} {
		if one.rate == 0 {
			continue
		}
		text := fmt.Sprintf("1 of %d %s", one.rate, one.what)
		if slow, ok := one.by.([]time.Duration); ok && len(slow) == 0 {
			text = strings.TrimSuffix(text, ", by")
		} else if one.by != nil {
			text += fmt.Sprint(" ", one.by)
		}
		words = append(words, text)
	}
	for _, c := range f.Calls {
		if c.Rate > 0 {
			words = append(words, fmt.Sprintf("1 of %d %s fails (%s)", c.Rate, strings.TrimSpace(c.Op.String()+" "+c.Target), errnosText(c)))
		}
	}
	return strings.Join(words, "; ")
}

func errnosText(c fakesys.CallFault) string {
	var words []string
	for _, e := range c.Errnos {
		words = append(words, e.Error())
	}
	return strings.Join(words, ", ")
}

func limitsText(l config.Limits) string {
	var words []string
	for _, one := range []struct {
		name  string
		value int64
	}{{"memory_mb", l.MemoryMax >> 20}, {"memory_high_mb", l.MemoryHigh >> 20}, {"cpu_percent", int64(l.CPUPercent)}, {"cpu_weight", int64(l.CPUWeight)}, {"pids_max", int64(l.PidsMax)}} {
		if one.value != 0 {
			words = append(words, fmt.Sprint(one.name, " ", one.value))
		}
	}
	return strings.Join(words, ", ")
}

// fileText is what the file of a program is.
func fileText(k fakesys.FileKind) string {
	names := [...]string{"a program", "a file that may not be executed", "an empty file", "a script whose interpreter is missing",
		"a file that somebody writes to", "a link to itself", "a file on a broken disk", "a file on a disk that hangs"}
	return names[k]
}
