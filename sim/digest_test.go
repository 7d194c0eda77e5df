package sim_test

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

var doubles = flag.Int("doubles", 100, "how many seeds TestDigest plays twice")

// TestDigest plays each seed twice, the second time beside other runs and in
// another order, and prints one number for all. `make determinism` wants it to be
// the same whatever the number of threads, and under the race detector.
func TestDigest(t *testing.T) {
	hashes := make([]uint64, *doubles)
	for i := range hashes {
		_, r := play(*first + uint64(i))
		hashes[i] = r.Hash
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := *doubles - int(next.Add(1)); i >= 0; i = *doubles - int(next.Add(1)) {
				if _, r := play(*first + uint64(i)); r.Hash != hashes[i] {
					t.Errorf("seed %d gives %016x, and gave %016x", *first+uint64(i), r.Hash, hashes[i])
				}
			}
		})
	}
	workers.Wait()
	digest := uint64(0)
	for _, h := range hashes {
		digest = digest*1099511628211 ^ h
	}
	t.Logf("digest of %d seeds from %d: %016x", *doubles, *first, digest)
}
