package fakesys_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// BenchmarkRestarts is the least supervisor there is: it starts again what
// ended. The figure to look at is steps/s.
func BenchmarkRestarts(b *testing.B) {
	for _, services := range []int{10, 1000} {
		b.Run(fmt.Sprint(services), func(b *testing.B) {
			k := fakesys.New(fakesys.Options{Choices: fakesys.FromSeed(1), PidMax: 4*services + 100})
			k.LogSignals(false)
			next := sys.SpawnID(0)
			spawn := func() {
				next++
				k.Spawn(sys.SpawnRequest{ID: next, Path: fakesys.TestprocPath, Args: []string{"testproc", "fork {exit 0}; wait; sleep 1s; exit 1"}})
			}
			for range services {
				spawn()
			}
			begin, now := k.Steps(), time.Now()
			for b.Loop() {
				k.Wait(sys.Never)
				k.Spawned()
				for _, h := range k.Exited() {
					if _, ended, _ := k.Reap(h); ended {
						k.Close(h)
						spawn()
					}
				}
			}
			b.ReportMetric(float64(k.Steps()-begin)/time.Since(now).Seconds(), "steps/s")
		})
	}
}
