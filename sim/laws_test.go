package sim_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// TestTheScheduleIsExact: a service that keeps failing is restarted after
// exactly the delays of its schedule, the count starts anew after a run of
// exactly reset_after and not after one that is a nanosecond shorter, and after
// max_restarts in a row it has failed.
func TestTheScheduleIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewService("a", "")
		s.Backoff = config.Backoff{
			Initial:    rapid.SampledFrom([]time.Duration{0, 1, time.Millisecond, time.Second, 7 * time.Second}).Draw(t, "initial"),
			Factor:     rapid.SampledFrom([]float64{1, 1.5, 2, 10}).Draw(t, "factor"),
			ResetAfter: rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Minute}).Draw(t, "reset_after"),
		}
		s.Backoff.Max = s.Backoff.Initial + rapid.SampledFrom([]time.Duration{0, time.Second, time.Minute}).Draw(t, "max")
		s.MaxRestarts = rapid.IntRange(1, 6).Draw(t, "max_restarts")
		ran := s.Backoff.ResetAfter + rapid.SampledFrom([]time.Duration{-1, 0, 1}).Draw(t, "beside the stable time")
		s.Script = fmt.Sprintf("sleep %v; exit 1", ran)
		end := 15 * time.Minute // longer than six runs and their delays
		if ran >= s.Backoff.ResetAfter {
			end = 20 * (ran + s.Backoff.Initial + time.Millisecond) // else it would go on for ever
		}
		r := Scenario{Services: []Service{s}, EndAt: end}.RunTraced(fakesys.Zero{})
		require.Empty(t, r.Violations)

		attempt, failed := 0, false
		for _, c := range r.Changes {
			switch c.State.Phase {
			case lifecycle.Backoff:
				if attempt++; ran >= s.Backoff.ResetAfter {
					attempt = 1
				}
				want := float64(s.Backoff.Initial)
				for range attempt - 1 {
					want = min(want*s.Backoff.Factor, float64(s.Backoff.Max))
				}
				require.Equal(t, time.Duration(want), c.State.Deadline-c.At, "restart %d", attempt)
			case lifecycle.Failed:
				failed = true
				require.Equal(t, s.MaxRestarts, attempt)
			}
		}
		require.Equal(t, ran < s.Backoff.ResetAfter, failed, "given up for good")
	})
}

// TestAShutdownIsOrderedAndBounded: the stop signal goes to all at once, KILL to
// the deaf at the end of their own grace and not before, and nothing is left.
func TestAShutdownIsOrderedAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := Scenario{EndAt: time.Minute, Cgroup: config.CgroupAuto}
		if rapid.Bool().Draw(t, "cgroups") {
			sc.Machine.Cgroups = &fakesys.Cgroups{Delegated: "/", Controllers: []string{"cpu", "memory", "pids"}}
		}
		deaf := map[string]time.Duration{}
		for i := range rapid.IntRange(1, 5).Draw(t, "services") {
			s := NewService(fmt.Sprintf("s%d", i), Healthy)
			s.StopTimeout = rapid.SampledFrom([]time.Duration{0, time.Second, 30 * time.Second}).Draw(t, "grace")
			if rapid.Bool().Draw(t, "deaf") {
				s.Script = "fork {ignore TERM; sleep forever}; ignore TERM; sleep forever"
				deaf[s.Name] = s.StopTimeout
			}
			sc.Services = append(sc.Services, s)
		}
		r := sc.RunTraced(fakesys.Zero{})
		require.Empty(t, r.Violations)
		require.Empty(t, r.Result.Unkillable)
		for _, c := range r.Changes {
			switch c.State.Phase {
			case lifecycle.Stopping:
				require.Equal(t, sc.EndAt, c.At, "all are told in the same turn")
			case lifecycle.Stopped:
				late := c.At - sc.EndAt - deaf[c.Service]
				require.GreaterOrEqual(t, late, time.Duration(0), "%s was killed early", c.Service)
				require.Less(t, late, 50*time.Millisecond, "%s", c.Service)
			}
		}
	})
}

// TestTheSameChoicesGiveTheSameRun: twice, with other numbers of processors, and
// from a recorded list. CI runs it under the race detector too.
func TestTheSameChoicesGiveTheSameRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for seed := uint64(1); seed <= 40; seed++ {
		rec := &fakesys.Recorder{From: fakesys.FromSeed(seed)}
		s := Generate(rec)
		first := s.Run(rec)
		for _, procs := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(procs)
			choices := fakesys.FromSeed(seed)
			secondEndAt := Generate(choices)
			r := secondEndAt.Run(choices)
			require.Equal(t, s.String(), secondEndAt.String(), "seed %d", seed)
			require.Equal(t, first.Hash, r.Hash, "seed %d with GOMAXPROCS %d", seed, procs)
			require.Equal(t, first.Steps, r.Steps)
		}
		list := fakesys.FromList(rec.Values())
		replayed := Generate(list).Run(list)
		assert.Equal(t, first.Hash, replayed.Hash, "seed %d, replayed from its %d choices", seed, len(rec.Made))
	}
}
