package vm

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMemoryLimitKillsAndIsReported(t *testing.T) {
	needs(t, "root", "memory")
	g := supervise(t, actor("hog", "eat", "96").with("memory_mb", 48).with("max_restarts", 2), actor("calm", "sleep").with("memory_mb", 48))
	calm := g.running("calm", 1)
	for nth := 1; nth <= 3; nth++ {
		assert.Contains(t, g.outcome("hog", nth), "out of memory")
	}
	g.await("hog has failed after two restarts", func() bool {
		all := g.changes("hog")
		return all[len(all)-1].To == "failed"
	})
	assert.NoError(t, syscall.Kill(calm, 0), "the neighbour must live")
	assert.Equal(t, "50331648", limit(t, calm, "memory.max"))
	figure(t, "96 MiB under memory_mb 48: %s", g.outcome("hog", 1))
	g.stop()
}

func TestMemoryLimitKillsTheWholeService(t *testing.T) {
	needs(t, "root", "memory", "oom.group")
	for _, who := range []string{"main", "helper"} {
		t.Run(who, func(t *testing.T) {
			g := supervise(t, actor("family", "family", who, "96").with("memory_mb", 48).with("max_restarts", 50))
			first := cgroup(t, g.running("family", 1))
			assert.Contains(t, g.outcome("family", 1), "out of memory")
			g.running("family", 2)
			assert.Empty(t, strings.TrimSpace(read(filepath.Join(first, "cgroup.procs"))), "no helper of the first generation survives")
			figure(t, "the %s exceeds memory_mb: %s, the whole service ends", who, g.outcome("family", 1))
		})
	}
}

func TestMemoryHighThrottles(t *testing.T) {
	needs(t, "root", "memory")
	g := supervise(t, actor("high", "eat", "64").with("memory_mb", 256).with("memory_high_mb", 24))
	pid := g.running("high", 1)
	g.await("memory.events counts high", func() bool {
		events := read(filepath.Join(cgroup(t, pid), "memory.events")) + read(filepath.Join(filepath.Dir(cgroup(t, pid)), "memory.events"))
		for line := range strings.Lines(events) {
			if count, ok := strings.CutPrefix(strings.TrimSpace(line), "high "); ok && count != "0" {
				return true
			}
		}
		return false
	})
	assert.Equal(t, "25165824", limit(t, pid, "memory.high"))
	figure(t, "64 MiB above memory_high_mb 24: throttled, alive")
	assert.Equal(t, 0, g.stop(), "a throttled service can be stopped")
}

func TestMemoryLimitAllowsNoSwap(t *testing.T) {
	needs(t, "root", "memory")
	g := supervise(t, actor("plain", "sleep").with("memory_mb", 48), actor("swapping", "sleep").with("memory_mb", 48).with("memory_swap_mb", 16))
	for name, want := range map[string]string{"plain": "0", "swapping": "16777216"} {
		assert.Equal(t, want, limit(t, g.running(name, 1), "memory.swap.max"), name)
	}
	g.stop()
}
