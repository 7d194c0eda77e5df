package cgroupfs

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStats(t *testing.T) {
	m, tree, leaf := withLeaf(t)
	service := servicePath(leaf)
	for name, text := range map[string]string{
		"memory.current": "4096\n", "memory.peak": "8192\n", "memory.max": "268435456\n", "memory.swap.current": "12\n", "memory.swap.max": "0\n",
		"io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n", "memory.high": "max\n",
		"memory.events": "low 0\nhigh 1\nmax 20\noom 3\noom_kill 4\noom_group_kill 5\n",
		"cpu.stat":      "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 5\nnr_throttled 2\nthrottled_usec 7000000\n",
		"pids.current":  "3\n", "pids.max": "64\n", "pids.events": "max 9\n",
		"cpu.pressure":    "some avg10=1.50 avg60=0.25 avg300=0.00 total=1000000\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=5\n",
		"memory.pressure": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
	} {
		m.Texts[service+"/"+name] = text
	}
	m.Fail["read "+service+"/io.pressure"] = syscall.EOPNOTSUPP // booted with psi=0
	got, err := tree.Stats(leaf)
	require.NoError(t, err)
	peak := Bytes(8192)
	assert.Equal(t, Stats{
		Memory:         &MemoryStats{Current: 4096, Peak: &peak, Max: 268435456, High: NoLimit, Swap: &SwapStats{12, 0}, Events: &MemoryEvents{1, 20, 3, 4, 5}},
		CPU:            &CPUStats{30 * time.Microsecond, 20 * time.Microsecond, 10 * time.Microsecond, &Throttle{5, 2, 7 * time.Second}},
		Pids:           &PidsStats{3, 64, 9},
		IO:             []IOStats{{"8:0", 1, 2, 3, 4}},
		CPUPressure:    &Pressure{Stall{1.5, .25, 0, time.Second}, &Stall{.5, 0, 0, 5 * time.Microsecond}},
		MemoryPressure: &Pressure{},
	}, got)
	kills, ok := tree.OOMKills(leaf)
	assert.True(t, ok)
	assert.EqualValues(t, 4, kills)
}

func TestStatsMarkWhatIsMissing(t *testing.T) {
	m, tree, leaf := withLeaf(t)
	service := servicePath(leaf)
	m.Texts[service+"/cpu.stat"] = "usage_usec 30\nuser_usec 20\nsystem_usec 10\n"
	got, err := tree.Stats(leaf)
	require.NoError(t, err)
	assert.Equal(t, Stats{CPU: &CPUStats{Usage: 30 * time.Microsecond, User: 20 * time.Microsecond, System: 10 * time.Microsecond}}, got)
	_, ok := tree.OOMKills(leaf)
	assert.False(t, ok, "no memory.events")

	m.Texts[service+"/memory.current"] = "4096\n"
	got, err = tree.Stats(leaf)
	require.NoError(t, err)
	assert.Equal(t, &MemoryStats{Current: 4096, Max: NoLimit, High: NoLimit}, got.Memory, "no peak before Linux 5.19")

	m.Texts[service+"/pids.current"] = "many\n"
	_, err = tree.Stats(leaf)
	assert.EqualError(t, err, "cannot understand "+service+`/pids.current: "many" is not a number`)
	m.Fail["read "+service+"/pids.current"] = syscall.EACCES
	_, err = tree.Stats(leaf)
	assert.EqualError(t, err, "cannot read "+service+"/pids.current: permission denied")

	require.NoError(t, tree.Remove(leaf))
	_, err = tree.Stats(leaf)
	assert.True(t, IsGone(err))
}
