package admit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys/tracesys"
	"github.com/gosv/gosv/sys/tracesys/admit"
)

// corpus are runs of gosv on a real kernel, each named for what it is about.
func corpus(t testing.TB) map[string]tracesys.Trace {
	t.Helper()
	files, err := filepath.Glob("testdata/*.trace")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]tracesys.Trace{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		trace, err := tracesys.Read(bytes.NewReader(text))
		require.NoError(t, err, file)
		all[filepath.Base(file)] = trace
	}
	return all
}

func TestRunsOfARealKernelAreAdmitted(t *testing.T) {
	for name, trace := range corpus(t) {
		assert.NoError(t, admit.Check(trace), name)
	}
}

// once are answers that no kernel gives twice in a row.
func once(c tracesys.Call) bool {
	if c.Err != 0 {
		return false
	}
	switch c.Op {
	case "mkdir", "lock", "unlock", "rmdir", "close", "unwatch", "reap", "reap-orphan":
		return !slices.Equal(c.Result, []string{"lives"})
	case "spawned", "exited", "finished":
		return len(c.Result) > 0
	case "spawn":
		return true
	}
	return false
}

func TestWhatHappensOnceIsNotAdmittedTwice(t *testing.T) {
	tried := map[string]int{}
	for name, trace := range corpus(t) {
		for i, c := range trace.Calls {
			if !once(c) {
				continue
			}
			twice := trace
			twice.Calls = slices.Insert(slices.Clone(trace.Calls), i+1, c)
			var refusal *admit.Refusal
			if assert.ErrorAs(t, admit.Check(twice), &refusal, "%s: twice %s", name, c) {
				assert.Equal(t, c.Op, refusal.Call.Op, "%s: twice %s", name, c)
			}
			tried[c.Op]++
		}
	}
	t.Logf("refused: %v", tried)
	assert.Greater(t, len(tried), 8)
}

// opposite gives an answer that contradicts what follows; ok is false for calls
// without one.
func opposite(c tracesys.Call) (changed tracesys.Call, ok bool) {
	switch {
	case c.Op == "reap-orphan" && c.Err == 0:
		c.Result = []string{"exit", "99"} // it was peeked before
	case c.Op == "open-pid" && c.Err == 0:
		c.Err, c.Result = syscall.ESRCH, nil // the handle is used later
	case c.Op == "peek-orphan" && slices.Equal(c.Result, []string{"none"}):
		c.Result = []string{"P1", "exit", "0"} // nobody is his own child
	case c.Op == "rmdir" && c.Err == 0:
		c.Err = syscall.ENOENT
	case c.Op == "mkdir" && c.Err == 0:
		c.Err = syscall.EEXIST // a directory of a generation is new
	case c.Op == "lock" && c.Err == 0:
		c.Err = syscall.ENOENT
	default:
		return c, false
	}
	return c, true
}

func TestContradictedRunsAreRefused(t *testing.T) {
	tried := map[string]int{}
	for name, trace := range corpus(t) {
		for i, c := range trace.Calls {
			changed, ok := opposite(c)
			if !ok || c.Op == "mkdir" && strings.HasSuffix(c.Args[0], "/gosv") { // there may be one
				continue
			}
			other := trace
			other.Calls = slices.Clone(trace.Calls)
			other.Calls[i] = changed
			tried[c.Op]++
			assert.Error(t, admit.Check(other), "%s: %s", name, changed)
		}
	}
	t.Logf("refused: %v", tried)
}

// recordings are the lives of a run of the simulator, as a trace shows them.
func recordings(s sim.Scenario, choices fakesys.Choices) (texts []*bytes.Buffer) {
	var kernels []*tracesys.Kernel
	s.Plant = func(o *supervisor.Options) {
		text := &bytes.Buffer{}
		k := tracesys.New(o.Kernel, text)
		texts, kernels = append(texts, text), append(kernels, k)
		o.Kernel = k
	}
	s.Run(choices)
	for _, k := range kernels {
		_ = k.Flush()
	}
	return texts
}

// The fake must admit what it does itself. The runs are those of the simulator's
// library, without those in which happens what is assumed not to: an errno out of
// the blue, a stranger's hand in the cgroups, and children by CLONE_PARENT.
func TestTheFakeAdmitsItself(t *testing.T) {
	runs, calls := 0, 0
	for _, named := range sim.Library() {
		meddled := slices.ContainsFunc(named.Actions, func(a sim.Action) bool { return a.Deed == sim.Evict })
		siblings := slices.ContainsFunc(named.Services, func(s sim.Service) bool { return strings.Contains(s.Script, "sibling {") })
		if named.Machine.Faults != nil || meddled || siblings {
			continue
		}
		for seed := range uint64(5) {
			for _, text := range recordings(named.Scenario, fakesys.FromSeed(seed)) {
				trace, err := tracesys.Read(text)
				require.NoError(t, err)
				if err := admit.Check(trace); err != nil {
					t.Errorf("%s, seed %d: %v", named.Name, seed, err)
				}
				runs++
				calls += len(trace.Calls)
			}
		}
	}
	t.Logf("%d runs, %d calls", runs, calls)
}

func BenchmarkCheck(b *testing.B) {
	all := corpus(b)
	calls := 0
	for b.Loop() {
		for _, trace := range all {
			calls += len(trace.Calls)
			_ = admit.Check(trace)
		}
	}
	b.ReportMetric(float64(calls)/b.Elapsed().Seconds(), "calls/s")
}
