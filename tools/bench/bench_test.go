package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The C programs are built with the flags of the Makefile, and measured as
// `make bench` does it, only briefly.
func TestTheLimitIsMeasuredInBothColumns(t *testing.T) {
	cc, err := exec.LookPath("gcc")
	if err != nil || runtime.GOARCH != "amd64" {
		t.Skip("needs gcc and an x86-64 machine for bench/c")
	}
	b := &bench{n: 5, bin: t.TempDir()}
	build(t, cc, "-static", "-nostdlib", "-fno-stack-protector", "-o", b.program("pause"), "c/pause.c")
	build(t, cc, "-mno-red-zone", "-o", b.program("limit"), "c/limit.c")
	require.NoError(t, b.open())
	t.Cleanup(b.close)

	measure := func(t *testing.T, leaves string) {
		for _, p := range []peer{limitPeer, heldPeer} {
			f, err := b.run(p, leaves, 4, 0)
			require.NoError(t, err, p.name)
			assert.Len(t, f.respawn, 4, p.name)
			for _, d := range append(f.respawn, f.start, f.recover, f.stop) {
				assert.Positive(t, d, p.name)
			}
		}
	}
	t.Run("off", func(t *testing.T) { measure(t, "") })
	t.Run("on", func(t *testing.T) {
		leaves, err := makeLeaves()
		if err != nil {
			t.Skip(err)
		}
		t.Cleanup(func() { removeLeaves(leaves) })
		measure(t, leaves)
		entries, err := os.ReadDir(leaves)
		require.NoError(t, err)
		for _, entry := range entries {
			assert.False(t, entry.IsDir(), "limit left the cgroup %s behind", entry.Name())
		}
	})
}

func build(t *testing.T, cc string, args ...string) {
	t.Helper()
	out, err := exec.Command(cc, append([]string{"-O2", "-Wall", "-Wextra", "-Werror"}, args...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestAProgramThatEndsByItselfIsReported(t *testing.T) {
	b := &bench{n: 1, bin: t.TempDir()}
	require.NoError(t, b.open())
	t.Cleanup(b.close)
	broken := peer{"broken", func(*bench, string) ([]string, error) {
		return []string{"/bin/sh", "-c", "echo no such option; exit 3"}, nil
	}}
	_, err := b.run(broken, "", 1, 0)
	assert.ErrorContains(t, err, "exit status 3")
	assert.ErrorContains(t, err, "no such option")
}

func TestQuantileIsTheNearestRank(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(100 - i)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		assert.Equal(t, want, quantile(hundred, q), "q = %v", q)
	}
	assert.Equal(t, time.Duration(7), quantile([]time.Duration{7}, 0.99))
	assert.Zero(t, quantile(nil, 0.5))
}

func TestTheTableJudgesGosvByTheLimit(t *testing.T) {
	run := func(ms int) []figures {
		d := time.Duration(ms) * time.Millisecond
		return []figures{{start: d, recover: d, respawn: []time.Duration{d}, stop: d, idle: &idleFigures{switches: ms, reaping: 60, pss: 13 << 20}}}
	}
	var out bytes.Buffer
	results{"gosv": run(118), "limit": run(100), "held": run(200), "bareloop": run(101)}.print(&out, "cgroups off")
	assert.Regexp(t, `start: all running +118.00 ms +100.00 ms +200.00 ms +101.00 ms +0.59 +1.18 +<= 1.15 +NOT MET`, out.String())
	assert.Regexp(t, `respawn latency p50 .* 1.18 +<= 1.20 +met`, out.String())
	assert.Regexp(t, `idle: context switches +118 +100 +200 +101 +<= 0 +NOT MET`, out.String())
	assert.Regexp(t, `idle: those of one safety reap +60 +60 +60 +60 +-\s`, out.String())
	assert.Regexp(t, `idle: PSS +13.0 MB +13.0 MB +13.0 MB +13.0 MB +<= 12.0 MB +NOT MET`, out.String())

	out.Reset()
	results{"limit": run(100)}.print(&out, "cgroups off")
	assert.NotContains(t, out.String(), "met", "what was not measured is not judged")
}

func TestOwnCgroupIsFoundOnAHybridMachine(t *testing.T) {
	mount, group, err := ownCgroup(
		"30 25 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"+
			"31 25 0:26 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n",
		"4:memory:/elsewhere\n0::/user.slice\n")
	require.NoError(t, err)
	assert.Equal(t, "/sys/fs/cgroup/unified/user.slice", filepath.Join(mount, group))
	_, _, err = ownCgroup("30 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw\n", "4:memory:/\n")
	assert.ErrorContains(t, err, "no cgroup v2")
}

func TestGosvIsConfiguredToRestartAtOnceForEver(t *testing.T) {
	var file struct {
		Cgroup   string
		Services []struct {
			Name    string
			Args    []string
			Max     int `json:"max_restarts"`
			Backoff struct{ Initial string }
		}
	}
	require.NoError(t, json.Unmarshal(gosvConfig(2, "/pause", true), &file))
	assert.Equal(t, "require", file.Cgroup)
	require.Len(t, file.Services, 2)
	assert.Equal(t, []string{"1"}, file.Services[1].Args)
	assert.Equal(t, -1, file.Services[1].Max)
	assert.Equal(t, "0s", file.Services[1].Backoff.Initial)
}
