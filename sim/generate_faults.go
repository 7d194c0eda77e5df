package sim

import (
	"time"

	"github.com/gosv/gosv/fakesys"
)

// faults turns each kind on or off, with a rate of its own: one time in n, with
// the logarithm of n uniform. A run has few kinds, some or many.
func (g generator) faults(services []Service) *fakesys.Faults {
	oneIn := pick(g, "how many kinds", 8, 3, 2, 16)
	rate := func(label string) int {
		if !g.chance(label, oneIn) {
			return 0
		}
		return 2 << g.Choose("rate", 7)
	}
	f := &fakesys.Faults{
		Spawn: rate("spawn fault"), SlowSpawn: rate("slow spawn"),
		LostExit: rate("lost exit"), LateExit: rate("late exit"), StolenExit: rate("stolen exit"),
		LostWatch: rate("lost watch"), Starve: rate("starve"), Interrupt: rate("interrupt"),
		LostJob: rate("lost job"), LateJob: rate("late job"), TornProc: rate("torn"), InexactProc: rate("inexact"),
	}
	if f.SlowSpawn > 0 {
		f.SlowSpawnBy = pick(g, "slow spawn by", 100*time.Millisecond, 2*time.Second, 40*time.Second)
	}
	if f.LateExit > 0 {
		f.LateExitBy = pick(g, "late exit by", 10*time.Millisecond, time.Second, 40*time.Second)
	}
	if f.Starve > 0 {
		f.StarveBy = pick(g, "starve by", 10*time.Millisecond, 3*time.Second)
	}
	if f.LateJob > 0 {
		f.LateJobBy = pick(g, "late job by", 100*time.Millisecond, 3*time.Second, 40*time.Second)
	}
	for _, row := range fakesys.Catalogue {
		for _, c := range row.Calls {
			if c.Rate = rate("fail a call"); c.Rate > 0 {
				f.Calls = append(f.Calls, c)
			}
		}
	}
	if f.SlowCall = rate("slow call"); f.SlowCall > 0 {
		for _, svc := range services {
			f.SlowCallBy = append(f.SlowCallBy, g.beside(svc.StopTimeout), g.beside(svc.Backoff.Initial))
		}
	}
	return f
}
