package supervisor

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/config"
)

func limited(name string, l config.Limits) config.Service {
	svc := config.NewService(name, "true")
	svc.Limits = l
	return svc
}

func TestUnenforceableLimitsGivesEachReasonOnce(t *testing.T) {
	f := cgroupfs.Findings{{Controller: cgroupfs.Memory, Text: "no memory"}, {Controller: cgroupfs.Pids, Text: "no pids"}}
	services := []config.Service{
		limited("web", config.Limits{MemoryMax: 1, MemoryHigh: 1, CPUPercent: 50}),
		limited("free", config.Limits{}),
		limited("worker", config.Limits{MemoryMax: 1, PidsMax: 9}),
	}
	assert.Equal(t, []string{
		"memory_mb (web, worker) and memory_high_mb (web) are not in force: no memory",
		"pids_max (worker) is not in force: no pids",
	}, UnenforceableLimits(f, services))
	assert.Empty(t, UnenforceableLimits(f, services[1:2]))
	assert.Empty(t, UnenforceableLimits(nil, services))
	assert.Equal(t, []string{"memory_mb (worker) and pids_max (worker) are not in force: nothing at all"},
		UnenforceableLimits(cgroupfs.Findings{{Text: "nothing at all"}}, services[1:]))
}

func TestUnenforceableLimitsNamesAFewOfManyServices(t *testing.T) {
	var many []config.Service
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		many = append(many, limited(name, config.Limits{PidsMax: 1}))
	}
	missing := cgroupfs.Findings{{Text: "why"}}
	assert.Equal(t, []string{"pids_max (a, b, c, d, e and 2 more) is not in force: why"}, UnenforceableLimits(missing, many))
	assert.Equal(t, []string{"pids_max (a, b, c, d, e) is not in force: why"}, UnenforceableLimits(missing, many[:5]))
}

// Every file that the limits of a configuration are written into has a key, so that
// warnings name what the user wrote.
func TestEveryLimitHasAKey(t *testing.T) {
	swap := int64(1)
	all := config.Limits{MemoryMax: 1, MemoryHigh: 1, MemorySwap: &swap, CPUPercent: 1, CPUWeight: 1, PidsMax: 1, CPUs: "0", IOWeight: 1}
	settings := cgroupLimits(all).Settings()
	assert.Len(t, settings, len(limitKeys))
	for _, s := range settings {
		assert.NotEmpty(t, limitKeys[s.File], s.File)
	}
	warnings := limitWarnings([]cgroupfs.Unset{
		{Setting: cgroupfs.Setting{File: "memory.max"}, Reason: "why"}, {Setting: cgroupfs.Setting{File: cgroupfs.OOMGroupFile}, Reason: "why"}}, all)
	assert.Equal(t, []string{"memory_mb is not in force: why", "out of memory, single processes of the service may be killed: why"}, warnings)
}

func TestAMemoryLimitAllowsNoSwapByDefault(t *testing.T) {
	bytes := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		limits config.Limits
		want   string // of memory.swap.max; "": it is not written
	}{
		{config.Limits{}, ""},
		{config.Limits{MemoryMax: 1 << 20}, "0"},
		{config.Limits{MemoryMax: 1 << 20, MemorySwap: bytes(2 << 20)}, "2097152"},
		{config.Limits{MemoryMax: 1 << 20, MemorySwap: bytes(config.Unlimited)}, ""},
		{config.Limits{MemorySwap: bytes(0)}, "0"},
	} {
		written := ""
		for _, s := range cgroupLimits(tt.limits).Settings() {
			if s.File == "memory.swap.max" {
				written = s.Value
			}
		}
		assert.Equal(t, tt.want, written, "%+v", tt.limits)
	}
	noMemory := cgroupfs.Findings{{Controller: cgroupfs.Memory, Text: "no memory"}}
	assert.Equal(t, []string{"memory_mb (web) is not in force: no memory"},
		UnenforceableLimits(noMemory, []config.Service{limited("web", config.Limits{MemoryMax: 1})}), "the default is not named")
}

func TestControllersAreThoseThatServicesNeed(t *testing.T) {
	pinned, busy := config.NewService("a", "x"), config.NewService("b", "x")
	assert.Equal(t, cgroupfs.DefaultControllers, Controllers([]config.Service{pinned}))
	pinned.Limits.CPUs, busy.Limits.IOWeight = "0", 200
	assert.Equal(t, append(slices.Clone(cgroupfs.DefaultControllers), cgroupfs.CPUSet, cgroupfs.IO), Controllers([]config.Service{pinned, busy, busy}))
}
