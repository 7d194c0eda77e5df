package vm

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// share measures how much of one CPU a process's cgroup uses.
func share(t *testing.T, pid int) float64 {
	t.Helper()
	const span = 5 * time.Second
	before, began := usage(t, pid), time.Now()
	time.Sleep(span) // the measured interval
	return float64(usage(t, pid)-before) / float64(time.Since(began))
}

func TestCPULimitThrottles(t *testing.T) {
	needs(t, "root", "cpu")
	for _, percent := range []int{25, 50} {
		t.Run(strconv.Itoa(percent), func(t *testing.T) {
			g := supervise(t, actor("busy", "spin").with("cpu_percent", percent))
			pid := g.running("busy", 1)
			// A machine below that is busy gives the guest less than the limit, never
			// more: the first span in which it gives enough decides.
			var got float64
			for range 12 {
				got = 100 * share(t, pid)
				if !assert.LessOrEqual(t, got, float64(percent)+5) || got >= float64(percent)-5 {
					break
				}
			}
			assert.InDelta(t, percent, got, 5)
			figure(t, "cpu_percent %d: %.0f %%", percent, got)
		})
	}
}

func TestCPUWeightDivides(t *testing.T) {
	needs(t, "root", "cpu", "one-cpu")
	g := supervise(t, actor("low", "spin").with("cpu_weight", 100), actor("high", "spin").with("cpu_weight", 300))
	low, high := g.running("low", 1), g.running("high", 1)
	// A machine below that is busy stops the guest in the middle of a slice, which
	// evens the shares out: the first span without that decides.
	ratio := 0.0
	for span := 0; span < 6 && (ratio < 2.4 || ratio > 3.6); span++ {
		lowBefore, highBefore := usage(t, low), usage(t, high)
		time.Sleep(10 * time.Second) // the measured interval
		ratio = float64(usage(t, high)-highBefore) / float64(usage(t, low)-lowBefore)
	}
	assert.InDelta(t, 3, ratio, 0.6)
	figure(t, "cpu_weight 300 to 100 on one CPU: %.1f to 1", ratio)
}
