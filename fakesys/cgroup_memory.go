package fakesys

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const pageSize = 4096

// memory is the memory controller of a group.
type memory struct {
	max, high int64 // -1 is none
	peak      int64
	group     bool // memory.oom.group
	events    memoryEvents
}

type memoryEvents struct{ high, max, oom, kill, groupKill int }

func newMemory() memory { return memory{max: -1, high: -1} }

var memoryFiles = []cgroupFile{
	{name: "memory.max", of: memoryController, read: show(func(g *cgroup) string { return maxText(g.memory.max) }),
		write: func(k *Kernel, g *cgroup, text string) syscall.Errno {
			errno := writeBytes(text, &g.memory.max)
			if errno == 0 {
				k.enforceMemory(g)
			}
			return errno
		}},
	{name: "memory.high", of: memoryController, read: show(func(g *cgroup) string { return maxText(g.memory.high) }),
		write: func(_ *Kernel, g *cgroup, text string) syscall.Errno { return writeBytes(text, &g.memory.high) }},
	{name: "memory.current", of: memoryController, read: show(func(g *cgroup) string { return fmt.Sprintln(g.memoryUse()) })},
	{name: "memory.peak", of: memoryController, read: show(func(g *cgroup) string { return fmt.Sprintln(max(g.memory.peak, g.memoryUse())) })},
	{name: "memory.oom.group", of: memoryController, read: show(func(g *cgroup) string { return fmt.Sprintln(flag(g.memory.group)) }),
		write: func(_ *Kernel, g *cgroup, text string) syscall.Errno {
			n, errno := oneOf(text, 0, 1)
			if errno != 0 {
				return syscall.EINVAL
			}
			g.memory.group = n == 1
			return 0
		}},
	{name: "memory.events", of: memoryController, read: show(func(g *cgroup) string {
		e := g.memory.events
		return fmt.Sprintf("low 0\nhigh %d\nmax %d\noom %d\noom_kill %d\noom_group_kill %d\n", e.high, e.max, e.oom, e.kill, e.groupKill)
	})},
}

// writeBytes reads a size (memparse) or "max", in whole pages.
func writeBytes(text string, to *int64) syscall.Errno {
	text = strings.TrimSpace(text)
	if text == "max" {
		*to = -1
		return 0
	}
	shift := 0
	if i := strings.IndexAny(text, "kKmMgG"); i >= 0 && i == len(text)-1 {
		shift = map[byte]int{'k': 10, 'm': 20, 'g': 30}[text[i]|0x20]
		text = text[:i]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return syscall.EINVAL
	}
	*to = n << shift / pageSize * pageSize
	return 0
}

// memoryUse is the memory of all processes of the subtree.
func (g *cgroup) memoryUse() (n int64) {
	for _, p := range g.processes() {
		n += p.rss
	}
	return n
}

// SetMemory sets the memory of a process, as an allocation or a release does. The OOM
// killer acts on a cgroup that exceeds its memory.max.
func (w *World) SetMemory(pid int, bytes int64) {
	p := w.find(pid)
	if p == nil || p.dead {
		panic(fmt.Sprintf("fakesys: SetMemory of PID %d, which is not alive", pid))
	}
	p.rss = bytes
	if p.cgroup != nil {
		p.cgroup.up(func(g *cgroup) { g.memory.peak = max(g.memory.peak, g.memoryUse()) })
		p.cgroup.up(func(g *cgroup) { w.enforceMemory(g) })
	}
}

// enforceMemory is the OOM killer. In a cgroup over its limit it kills the process with
// most memory or, with memory.oom.group, all of them. The events are counted in the
// cgroup and its ancestors.
func (w *World) enforceMemory(g *cgroup) {
	if g.available()&memoryController == 0 {
		return
	}
	use := g.memoryUse()
	if g.memory.high >= 0 && use > g.memory.high {
		g.memoryEvent(w, func(e *memoryEvents) { e.high++ })
	}
	for g.memory.max >= 0 && use > g.memory.max {
		var victim *process
		for _, p := range g.processes() {
			if !p.signals.fatal && !p.system && (victim == nil || p.rss > victim.rss) {
				victim = p
			}
		}
		if victim == nil {
			return
		}
		g.memoryEvent(w, func(e *memoryEvents) { e.max++; e.oom++ })
		use -= w.oomKill(g, victim)
	}
}

// oomKill kills a victim, or all processes of the topmost cgroup up to g that has
// memory.oom.group, and returns how much memory that frees.
func (w *World) oomKill(g *cgroup, victim *process) (freed int64) {
	victims := []*process{victim}
	whole := (*cgroup)(nil)
	for a := victim.cgroup; ; a = a.parent {
		if a.memory.group {
			whole = a
		}
		if a == g {
			break
		}
	}
	if whole != nil {
		victims = slices.DeleteFunc(whole.processes(), func(p *process) bool { return p.system })
		whole.memoryEvent(w, func(e *memoryEvents) { e.groupKill++ })
		w.Fire(OOMGroup)
	}
	w.Fire(OOMKill)
	for _, p := range victims {
		freed += p.rss
		p.cgroup.memoryEvent(w, func(e *memoryEvents) { e.kill++ })
		w.send(nil, p, syscall.SIGKILL)
	}
	return freed
}

func (g *cgroup) memoryEvent(w *World, count func(*memoryEvents)) {
	g.up(func(a *cgroup) {
		count(&a.memory.events)
		a.modified(w, "memory.events")
	})
}
