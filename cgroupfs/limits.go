package cgroupfs

import (
	"fmt"
	"strconv"

	"github.com/gosv/gosv/config"
)

// period is that of cpu.max in microseconds, the kernel's default.
const period = 100_000

// limit is one value of one file.
type limit struct {
	key        string // in the configuration
	controller Controller
	file       string
	value      string
}

func (l limit) warning(reason string) string {
	return fmt.Sprintf("%s is not in force: %s", l.key, reason)
}

// limits gives what is to be written into the directory of a service.
func limits(l config.Limits) []limit {
	var list []limit
	add := func(value int64, key string, c Controller, file, text string) {
		if value != 0 {
			list = append(list, limit{key, c, file, text})
		}
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	quota := int64(l.CPUPercent) * (period / 100)
	add(l.MemoryMax, "memory_mb", Memory, "memory.max", number(l.MemoryMax))
	add(l.MemoryHigh, "memory_high_mb", Memory, "memory.high", number(l.MemoryHigh))
	add(quota, "cpu_percent", CPU, "cpu.max", fmt.Sprintf("%d %d", quota, period))
	add(int64(l.CPUWeight), "cpu_weight", CPU, "cpu.weight", number(int64(l.CPUWeight)))
	add(int64(l.PidsMax), "pids_max", Pids, "pids.max", number(int64(l.PidsMax)))
	return list
}

// Unenforced says of each limit whose controller is missing that it is not in
// force, and why, in the words of Create. It serves a caller without a Tree.
func (f Findings) Unenforced(l config.Limits) []string {
	var warnings []string
	for _, limit := range limits(l) {
		if why := f.Why(limit.controller); why != "" {
			warnings = append(warnings, limit.warning(why))
		}
	}
	return warnings
}
