package sim_test

import "testing"

// BenchmarkSwarm is the swarm on one processor, with every invariant on. The
// figure to look at is steps/s: a step is one call through the seam or one event
// of the fake kernel.
func BenchmarkSwarm(b *testing.B) {
	steps, seed := 0, uint64(0)
	for b.Loop() {
		seed++
		_, r := play(seed)
		steps += r.Steps
	}
	b.ReportMetric(float64(steps)/b.Elapsed().Seconds(), "steps/s")
	b.ReportMetric(float64(steps)/float64(b.N), "steps/run")
}
