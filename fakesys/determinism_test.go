package fakesys_test

import (
	"bytes"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// tumult is a run in which much happens at once: services that fork, write, stop
// and die are started and killed under faults, for ten virtual seconds.
func tumult(choices fakesys.Choices, trace *bytes.Buffer) (hash uint64, steps int) {
	o := fakesys.Options{Choices: choices, Preempt: true,
		Cgroups: &fakesys.Cgroups{Controllers: []string{"memory", "cpu", "pids"}, Delegated: "/"},
		Faults: &fakesys.Faults{Spawn: 10, SlowSpawn: 10, SlowSpawnBy: time.Second, LostExit: 20, LateExit: 5, LateExitBy: time.Second,
			Starve: 10, StarveBy: 100 * time.Millisecond, LostWatch: 5}}
	if trace != nil {
		o.Trace = trace
	}
	k := fakesys.New(o)
	_ = k.BecomeSubreaper()
	scripts := []string{
		"print a; fork {sleep 100ms; exit 2}; wait; sleep 50ms; exit 1",
		"on TERM {print bye; exit 0}; daemon {setsid; sleep 300ms}; sleep forever",
		"fork {stop}; ignore TERM; flood 100000; sleep 1s",
		"loop {fork {}; wait; sleep 30ms}",
	}
	_ = k.Mkdir("/sys/fs/cgroup/box")
	watch, _ := k.Watch("/sys/fs/cgroup/box/cgroup.events")
	id := sys.SpawnID(0)
	spawn := func() {
		id++
		k.Spawn(sys.SpawnRequest{ID: id, Path: fakesys.TestprocPath, Args: []string{"testproc", scripts[int(id)%len(scripts)]},
			Cgroup: "/sys/fs/cgroup/box", Stdout: endless()})
	}
	var live []sys.Handle
	for range 8 {
		spawn()
	}
	for k.Now() < 10*time.Second {
		k.Wait(k.Now() + 200*time.Millisecond)
		k.Changed()
		for _, r := range k.Spawned() {
			if r.Err != nil {
				spawn()
			} else {
				live = append(live, r.Child.Handle)
			}
		}
		k.Exited()
		for i := 0; i < len(live); {
			if _, ended, _ := k.Reap(live[i]); ended {
				k.Close(live[i])
				live = append(live[:i], live[i+1:]...)
				spawn()
				continue
			}
			_ = k.Signal(live[i], []syscall.Signal{0, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCONT}[k.Draw("signal", 5)])
			i++
		}
		for o, _ := k.Orphans(); o.Zombie != 0; o, _ = k.Orphans() {
			_, _ = k.ReapPid(o.Zombie)
		}
	}
	k.Unwatch(watch)
	return k.TraceHash(), k.Steps()
}

func TestSameChoicesGiveSameTrace(t *testing.T) {
	for seed := range uint64(5) {
		var first, second bytes.Buffer
		hash, steps := tumult(fakesys.FromSeed(seed), &first)
		before := runtime.GOMAXPROCS(1)
		again, stepsAgain := tumult(fakesys.FromSeed(seed), &second)
		runtime.GOMAXPROCS(before)
		assert.Equal(t, hash, again, "seed %d", seed)
		assert.Equal(t, steps, stepsAgain)
		assert.True(t, first.String() == second.String(), "the texts of seed %d differ", seed)
		assert.Greater(t, steps, 1000)

		silent, _ := tumult(fakesys.FromSeed(seed), nil)
		assert.Equal(t, hash, silent, "the hash does not depend on the text")
	}
}

func TestOtherChoicesGiveOtherTrace(t *testing.T) {
	seen := map[uint64]uint64{}
	for seed := range uint64(10) {
		hash, _ := tumult(fakesys.FromSeed(seed), nil)
		assert.NotContains(t, seen, hash, "seeds %d and %d", seed, seen[hash])
		seen[hash] = seed
	}
}

func TestRecordedRunReplays(t *testing.T) {
	r := &fakesys.Recorder{From: fakesys.FromSeed(7)}
	hash, _ := tumult(r, nil)
	again, _ := tumult(fakesys.FromList(r.Values()), nil)
	assert.Equal(t, hash, again)
}

func TestChoicesAreInRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1000).Draw(t, "n")
		for name, c := range map[string]fakesys.Choices{
			"seed":  fakesys.FromSeed(rapid.Uint64().Draw(t, "seed")),
			"list":  fakesys.FromList(rapid.SliceOf(rapid.Int()).Draw(t, "list")),
			"bytes": fakesys.FromBytes(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")),
			"zero":  fakesys.Zero{},
		} {
			for range 10 {
				if v := c.Choose("x", n); v < 0 || v >= n {
					t.Fatalf("%s chose %d of %d", name, v, n)
				}
			}
		}
	})
}

// Whatever a fuzzer chooses, the world stays a world.
func FuzzTumult(f *testing.F) {
	f.Add([]byte{1, 0, 3, 200, 7, 1, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) { tumult(fakesys.FromBytes(data), nil) })
}
