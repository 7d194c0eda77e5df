package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
)

func TestRecoveriesAreMeasuredByTheObserver(t *testing.T) {
	all := healthy().Recoveries()
	require.Len(t, all, 1)
	assert.Equal(t, []time.Duration{5 * ms, 6 * ms}, all[0].Times)
	assert.Equal(t, 6*ms, all[0].Quantile(1))
}

func TestQuantilesUseTheNearestRank(t *testing.T) {
	of := func(n int) (r chaos.Recovery) {
		for i := range n {
			r.Times = append(r.Times, time.Duration(i+1))
		}
		return r
	}
	assert.EqualValues(t, 1, of(2).Quantile(0.5))
	assert.EqualValues(t, 2, of(2).Quantile(0.95))
	assert.EqualValues(t, 1, of(1).Quantile(0.5))
	for q, want := range map[float64]int{0: 1, 0.01: 1, 0.07: 7, 0.5: 50, 0.95: 95, 0.99: 99, 1: 100} {
		assert.EqualValues(t, want, of(100).Quantile(q), "%v", q)
	}
	assert.Zero(t, of(0).Quantile(0.5))
}

func TestRecoveriesLeaveOutTheTimeInWhichTheSupervisorWasStopped(t *testing.T) {
	h := healthy()
	h.Injections = append(h.Injections, stalled(2050*ms, 2390*ms))
	h.Processes[1].FirstSeen = 2455 * ms
	assert.Equal(t, []time.Duration{6 * ms, 15 * ms}, h.Recoveries()[0].Times)
}
