package supervisor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/procfs"
)

// process writes what /proc shows of one process.
func (d *dumpTask) process(pid int) {
	if d.blind != nil {
		d.line(1, "process %d is not shown: %v", pid, d.blind)
		return
	}
	st, err := procfs.ReadStat(d.k, pid)
	if err != nil {
		d.line(1, "process %d: %v", pid, err)
		return
	}
	r, err := procfs.Inspect(d.k, pid, st.StartTime, procfs.Options{Maps: d.maps})
	if err != nil {
		d.line(1, "process %d: %v", pid, err)
		return
	}
	d.line(1, "process %d: %s", pid, commandLine(r.Cmdline))
	d.line(2, "state %c, parent %d, group %d, session %d, threads %d", r.Stat.State, r.Stat.Ppid, r.Stat.Pgrp, r.Stat.Session, r.Memory.Threads)
	d.memory(r.Memory)
	if len(r.Descriptors) > 0 {
		d.line(2, "open file descriptors: %d", len(r.Descriptors))
		for _, f := range r.Descriptors {
			d.line(3, "%d -> %s", f.Number, printable(f.Target))
		}
	}
	d.mappings(r)
	for _, m := range r.Missing {
		d.line(2, "%s not shown: %v", m.Part, m.Err)
	}
}

func (d *dumpTask) memory(m procfs.Memory) {
	if m.VM != nil {
		d.line(2, "VmRSS %s (peak %s), VmSize %s, VmSwap %s", size(m.VM.RSS), size(m.VM.HWM), size(m.VM.Size), size(m.VM.Swap))
	}
	if m.Exact != nil {
		d.line(2, "PSS %s", size(m.Exact.PSS))
	}
}

// mappings sums the memory maps by what is mapped, the largest first; a person
// who wants each of them asks with --dump-maps.
func (d *dumpTask) mappings(r procfs.Report) {
	const shown = 8
	if len(r.Mapped) > 0 {
		d.line(2, "memory maps:")
	}
	for i, m := range r.Mapped {
		if i == shown && !d.maps {
			d.line(3, "and %d more", len(r.Mapped)-shown)
			break
		}
		d.line(3, "%10s in %3d  %s", size(m.Size), m.Count, printable(m.Path))
	}
	for _, m := range r.Maps {
		d.line(3, "%012x-%012x %s %08x %s %d %s", m.Start, m.End, m.Perms, m.Offset, m.Device, m.Inode, printable(m.Path))
	}
}

// cgroup writes the members of a generation's group, and the figures of its
// service.
func (d *dumpTask) cgroup(leaf string) {
	d.line(1, "cgroup %s", leaf)
	st, err := d.tree.Stats(leaf)
	if err != nil {
		d.line(2, "%v", err)
		return
	}
	if pids, err := d.tree.Procs(leaf); err == nil {
		d.line(2, "processes %v", pids)
	}
	if m := st.Memory; m != nil {
		d.cgroupMemory(m)
	}
	if c := st.CPU; c != nil {
		d.line(2, "cpu %v (user %v, system %v)", c.Usage, c.User, c.System)
		if t := c.Throttle; t != nil {
			d.line(2, "throttled in %d of %d periods, for %v", t.Throttled, t.Periods, t.Time)
		}
	}
	if p := st.Pids; p != nil {
		d.line(2, "pids %d of %s, refused %d", p.Current, plain(p.Max), p.Refused)
	}
	d.pressure("cpu", st.CPUPressure)
	d.pressure("memory", st.MemoryPressure)
	d.pressure("io", st.IOPressure)
}

func (d *dumpTask) cgroupMemory(m *cgroupfs.MemoryStats) {
	peak := ""
	if m.Peak != nil {
		peak = ", at most " + size(uint64(*m.Peak)) + " so far"
	}
	d.line(2, "memory %s of %s, high at %s%s", size(uint64(m.Current)), limit(m.Max), limit(m.High), peak)
	if m.Swap != nil {
		d.line(2, "swap %s of %s", size(uint64(m.Swap.Current)), limit(m.Swap.Max))
	}
	if e := m.Events; e != nil {
		d.line(2, "memory events: high %d, max %d, oom %d, oom_kill %d, oom_group_kill %d", e.High, e.Max, e.OOM, e.OOMKill, e.OOMGroupKill)
	}
}

// pressure leaves out "full" where the kernel does not show it: for the CPU before
// Linux 5.13.
func (d *dumpTask) pressure(what string, p *cgroupfs.Pressure) {
	switch {
	case p == nil:
	case p.Full == nil:
		d.line(2, "%s pressure: some %.2f%% of the last 10 s", what, p.Some.Avg10)
	default:
		d.line(2, "%s pressure: some %.2f%%, full %.2f%% of the last 10 s", what, p.Some.Avg10, p.Full.Avg10)
	}
}

// orphans lists what gosv has adopted and knows no service of. The child of a start has
// gosv's own memory, and so its words, until its exec.
func (d *dumpTask) orphans() {
	all, err := d.find(d.k, procfs.Query{Children: true})
	if err != nil {
		d.line(0, "adopted orphans: %v", err)
		return
	}
	own, _ := procfs.ReadCmdline(d.k, d.self)
	for _, m := range all {
		name, _ := procfs.ReadCmdline(d.k, m.Pid)
		if d.spawning && slices.Equal(name, own) {
			d.line(0, "child %d of a start that is under way", m.Pid)
			continue
		}
		d.line(0, "adopted orphan %d: group %d, session %d, %s", m.Pid, m.Pgrp, m.Session, commandLine(name))
	}
}

func commandLine(words []string) string {
	shown := make([]string, len(words))
	for i, word := range words {
		shown[i] = printable(word)
	}
	return strings.Join(shown, " ")
}

// printable quotes a text that a program has chosen if it would do more than show
// itself: break the line, or steer the terminal.
func printable(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return text
	}
	return strconv.Quote(text)
}

// size shows bytes in the largest unit that leaves a number of people's size.
func size(bytes uint64) string {
	switch {
	case bytes >= 10<<30:
		return fmt.Sprintf("%d GiB", bytes>>30)
	case bytes >= 10<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

func limit(bytes cgroupfs.Bytes) string {
	if bytes == cgroupfs.NoLimit {
		return "no limit"
	}
	return size(uint64(bytes))
}

func plain(n uint64) string {
	if n == cgroupfs.NoLimit {
		return "no limit"
	}
	return fmt.Sprint(n)
}
