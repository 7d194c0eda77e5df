package cgroupfs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size. NoLimit stands for "max".
type Bytes uint64

// CPUPeriod is the period of cpu.max that gosv writes, the kernel's default.
const CPUPeriod = 100 * time.Millisecond

// Limits are what the processes of a service may use together. The zero value of
// each field sets no limit. Each names the file of
// Documentation/admin-guide/cgroup-v2.rst that it is written into.
type Limits struct {
	MemoryMax  Bytes  // memory.max
	MemoryHigh Bytes  // memory.high
	SwapMax    *Bytes // memory.swap.max; zero means no swap at all
	// CPUQuota is the CPU time that may be used in each CPUPeriod (cpu.max). Half
	// a CPU is CPUPeriod/2, two CPUs are 2*CPUPeriod.
	CPUQuota  time.Duration
	CPUWeight int // cpu.weight, 1 to 10000; the kernel's default is 100
	PidsMax   int // pids.max, processes and threads

	CPUs     string // cpuset.cpus, such as "0-3,8"
	MemNodes string // cpuset.mems, such as "0"

	IOWeight int     // io.weight, 1 to 10000; the kernel's default is 100
	IOMax    []IOMax // io.max

	HugeTLBMax map[string]Bytes // hugetlb.SIZE.max by page size, such as "2MB"
}

// IOMax limits the I/O of one block device. Zero means no limit.
type IOMax struct {
	Device              string // MAJOR:MINOR, such as "8:0"; see FindBlockDevice
	ReadBPS, WriteBPS   Bytes  // bytes per second
	ReadIOPS, WriteIOPS uint64 // operations per second
}

// Setting is one value of one file of a cgroup.
type Setting struct {
	Controller Controller
	File       string // memory.max
	Value      string // as it is written
}

// Settings returns what Limits write, in a fixed order.
func (l Limits) Settings() []Setting {
	var list []Setting
	add := func(c Controller, file, value string) { list = append(list, Setting{c, file, value}) }
	number := func(c Controller, file string, n uint64) {
		if n != 0 {
			add(c, file, strconv.FormatUint(n, 10))
		}
	}
	number(Memory, "memory.max", uint64(l.MemoryMax))
	number(Memory, "memory.high", uint64(l.MemoryHigh))
	if l.SwapMax != nil {
		add(Memory, "memory.swap.max", strconv.FormatUint(uint64(*l.SwapMax), 10))
	}
	if l.CPUQuota != 0 {
		add(CPU, "cpu.max", fmt.Sprintf("%d %d", l.CPUQuota.Microseconds(), CPUPeriod.Microseconds()))
	}
	number(CPU, "cpu.weight", uint64(l.CPUWeight))
	number(Pids, "pids.max", uint64(l.PidsMax))
	if l.CPUs != "" {
		add(CPUSet, "cpuset.cpus", l.CPUs)
	}
	if l.MemNodes != "" {
		add(CPUSet, "cpuset.mems", l.MemNodes)
	}
	if l.IOWeight != 0 {
		add(IO, "io.weight", "default "+strconv.Itoa(l.IOWeight))
	}
	for _, m := range l.IOMax {
		add(IO, "io.max", m.line())
	}
	for _, size := range sortedKeys(l.HugeTLBMax) {
		add(HugeTLB, "hugetlb."+size+".max", strconv.FormatUint(uint64(l.HugeTLBMax[size]), 10))
	}
	return list
}

// Controllers returns the controllers that the limits need.
func (l Limits) Controllers() (list []Controller) {
	for _, s := range l.Settings() {
		if !slices.Contains(list, s.Controller) {
			list = append(list, s.Controller)
		}
	}
	return list
}

func (m IOMax) line() string {
	words := []string{m.Device}
	for _, part := range []struct {
		key string
		n   uint64
	}{{"rbps", uint64(m.ReadBPS)}, {"wbps", uint64(m.WriteBPS)}, {"riops", m.ReadIOPS}, {"wiops", m.WriteIOPS}} {
		if part.n != 0 {
			words = append(words, part.key+"="+strconv.FormatUint(part.n, 10))
		}
	}
	return strings.Join(words, " ")
}

func sortedKeys(m map[string]Bytes) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Unset is a limit that is not in force.
type Unset struct {
	Setting
	Reason string // why, and what to do
	Err    error  // what the kernel answered; nil if it was not asked
}

func (u Unset) String() string { return fmt.Sprintf("%s is not in force: %s", u.File, u.Reason) }

// Unenforceable returns the limits whose controller is missing. It serves a
// caller without a Tree; with one, Create returns them.
func (f Findings) Unenforceable(l Limits) []Unset {
	var unset []Unset
	for _, s := range l.Settings() {
		if why := f.Why(s.Controller); why != "" {
			unset = append(unset, Unset{Setting: s, Reason: why})
		}
	}
	return unset
}
