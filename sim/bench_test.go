package sim_test

import (
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkSwarm is the swarm with every invariant on: what Generate makes of the
// seeds from 1 on is its fixed profile. Its figures are per second of processor
// time, of the collector of garbage too. A step is one call through the seam or one
// event of the fake kernel.
func BenchmarkSwarm(b *testing.B) {
	steps, seed, simulated := 0, uint64(0), time.Duration(0)
	debug.SetGCPercent(400) // garbage of a run is small, and short-lived
	begun := processor(b)
	for b.Loop() {
		seed++
		_, r := play(seed)
		steps += r.Steps
		simulated += r.Time
	}
	cpu := (processor(b) - begun).Seconds()
	b.ReportMetric(float64(steps)/cpu, "steps/cpu-s")
	b.ReportMetric(float64(b.N)/cpu, "seeds/cpu-s")
	b.ReportMetric(simulated.Hours()/cpu, "hours/cpu-s")
	b.ReportMetric(float64(steps)/float64(b.N), "steps/seed")
}

// processor is the processor time of this process.
func processor(t require.TestingT) time.Duration {
	var used syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
