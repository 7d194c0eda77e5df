package cgroupfs

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// Stats are the figures of a service. A part that this kernel or this service
// does not have is nil, never zero.
type Stats struct {
	Memory *MemoryStats // needs the memory controller
	CPU    *CPUStats
	Pids   *PidsStats // needs the pids controller
	IO     []IOStats  // needs the io controller

	CPUPressure, MemoryPressure, IOPressure *Pressure
}

// MemoryStats are the memory.* files.
type MemoryStats struct {
	Current   Bytes
	Peak      *Bytes // memory.peak; nil before Linux 5.19
	Max, High Bytes  // NoLimit
	Swap      *SwapStats
	Events    *MemoryEvents
}

// SwapStats are the memory.swap.* files; a kernel without swap has none.
type SwapStats struct {
	Current, Max Bytes // Max: NoLimit
}

// MemoryEvents counts since the service's directory was made, over all generations.
type MemoryEvents struct {
	High         uint64 // throttled at memory.high
	Max          uint64 // about to exceed memory.max
	OOM          uint64 // an allocation failed
	OOMKill      uint64 // processes killed for that; the one that a group kill began with counts twice
	OOMGroupKill uint64 // times the whole group was killed; 0 also before Linux 5.17
}

// IOStats is one line of io.stat: what was done with one block device.
type IOStats struct {
	Device            string // MAJOR:MINOR
	Read, Written     Bytes
	ReadOps, WriteOps uint64
}

// CPUStats is cpu.stat.
type CPUStats struct {
	Usage, User, System time.Duration
	Throttle            *Throttle // nil without the cpu controller
}

// Throttle is what cpu.max held back.
type Throttle struct {
	Periods, Throttled uint64 // periods that passed, and those that were cut short
	Time               time.Duration
}

// PidsStats are the pids.* files: processes and threads.
type PidsStats struct {
	Current, Max uint64 // Max: NoLimit
	// Refused is "max" of pids.events: forks that failed for this limit or,
	// before Linux 6.11, those of any limit above.
	Refused uint64
}

// Stats reads the figures of the service that a leaf belongs to. Counters count over
// all its generations. The error satisfies IsGone if there is no such leaf.
func (t *Tree) Stats(leaf string) (Stats, error) {
	if _, _, err := t.Populated(leaf); err != nil {
		return Stats{}, err
	}
	r := reader{tree: t, group: servicePath(leaf)}
	s := Stats{
		Memory:         r.memory(),
		CPU:            r.cpu(),
		Pids:           r.pids(),
		IO:             r.io(),
		CPUPressure:    optional(&r, "cpu.pressure", parsePressure),
		MemoryPressure: optional(&r, "memory.pressure", parsePressure),
		IOPressure:     optional(&r, "io.pressure", parsePressure),
	}
	return s, r.err
}

// OOMKills is how many processes of the service that a leaf belongs to the OOM killer
// has killed, over all its generations; compare it with the value before a generation
// began. ok is false where it cannot be known.
func (t *Tree) OOMKills(leaf string) (n uint64, ok bool) {
	if !t.Has(Memory) {
		return 0, false
	}
	r := reader{tree: t, group: servicePath(leaf)}
	events := optional(&r, "memory.events", parseFlat)
	if events == nil {
		return 0, false
	}
	return (*events)["oom_kill"], true
}

// reader reads files of a group and keeps the first error that is not a missing
// file.
type reader struct {
	tree  *Tree
	group string
	err   error
}

// optional returns nil for a file that does not exist. EOPNOTSUPP is the answer of a
// pressure file on a kernel that was booted without PSI.
func optional[T any](r *reader, name string, parse func([]byte) (T, error)) *T {
	text, err := r.tree.files.ReadFile(r.group + "/" + name)
	if IsGone(err) || errors.Is(err, syscall.EOPNOTSUPP) {
		return nil
	}
	if err != nil {
		err = fmt.Errorf("cannot read %s/%s: %w", r.group, name, errno(err))
	}
	var value T
	if err == nil {
		if value, err = parse(text); err == nil {
			return &value
		}
		err = fmt.Errorf("cannot understand %s/%s: %w", r.group, name, err)
	}
	if r.err == nil {
		r.err = err
	}
	return nil
}

func (r *reader) memory() *MemoryStats {
	current := optional(r, "memory.current", parseBytes)
	if current == nil {
		return nil
	}
	s := &MemoryStats{Current: *current, Peak: optional(r, "memory.peak", parseBytes), Max: Bytes(r.limit("memory.max")), High: Bytes(r.limit("memory.high"))}
	if swap := optional(r, "memory.swap.current", parseBytes); swap != nil {
		s.Swap = &SwapStats{Current: *swap, Max: Bytes(r.limit("memory.swap.max"))}
	}
	if events := optional(r, "memory.events", parseFlat); events != nil {
		e := *events
		s.Events = &MemoryEvents{High: e["high"], Max: e["max"], OOM: e["oom"], OOMKill: e["oom_kill"], OOMGroupKill: e["oom_group_kill"]}
	}
	return s
}

func (r *reader) io() []IOStats {
	if stat := optional(r, "io.stat", parseIOStat); stat != nil {
		return *stat
	}
	return nil
}

func (r *reader) cpu() *CPUStats {
	stat := optional(r, "cpu.stat", parseFlat)
	if stat == nil {
		return nil
	}
	e := *stat
	s := &CPUStats{Usage: microseconds(e["usage_usec"]), User: microseconds(e["user_usec"]), System: microseconds(e["system_usec"])}
	if periods, ok := e["nr_periods"]; ok {
		s.Throttle = &Throttle{Periods: periods, Throttled: e["nr_throttled"], Time: microseconds(e["throttled_usec"])}
	}
	return s
}

func (r *reader) pids() *PidsStats {
	current := optional(r, "pids.current", parseValue)
	if current == nil {
		return nil
	}
	s := &PidsStats{Current: *current, Max: r.limit("pids.max")}
	if events := optional(r, "pids.events", parseFlat); events != nil {
		s.Refused = (*events)["max"]
	}
	return s
}

// limit is NoLimit too if there is no such file.
func (r *reader) limit(name string) uint64 {
	if value := optional(r, name, parseValue); value != nil {
		return *value
	}
	return NoLimit
}
