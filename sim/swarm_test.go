package sim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/golden"
	. "github.com/gosv/gosv/sim"
)

var (
	seeds = flag.Int("seeds", 600, "how many seeds TestSwarm runs")
	first = flag.Uint64("seed", 1, "the first seed of TestSwarm")
	fails = flag.Int("fails", 1, "after how many failing seeds TestSwarm gives up")
	goals = flag.Int("goals", 20_000, "from how many seeds on TestSwarm is red for a fault that never happened")
	lines = flag.Int("lines", 60, "how much is shown of the end of a failing run's trace")
)

// play runs a seed: scenario and run draw from the same stream.
func play(seed uint64) (Scenario, *Report) {
	s, choices := FromSeed(seed)
	return s, s.Run(choices)
}

// shrunk reports the simplest run that breaks what a seed breaks.
func shrunk(seed uint64) string {
	rec, _ := Record(fakesys.FromSeed(seed))
	small := rec.Shrink(2000)
	return story(small.Scenario, small.RunTraced(), *lines) + "\n\nA file in sim/testdata/regressions with these lines replays it:\n" + small.String()
}

// story is what a person wants to see of a run that failed.
func story(s Scenario, r *Report, lines int) string {
	trace := strings.Split(strings.TrimSpace(r.Trace), "\n")
	if cut := len(trace) - lines; cut > 0 {
		trace = append([]string{"..."}, trace[cut:]...)
	}
	return strings.Join(r.Violations, "\n") + "\n\n" + s.String() + "\n" + strings.Join(trace, "\n")
}

// TestSwarm plays many seeds. A failing one replays with -run TestSwarm
// -seed N -seeds 1. With -v it tells how often each fault of the catalogue
// happened; a long swarm in which one never did is too weak, and red. With -nightly
// it ends when the time is over.
func TestSwarm(t *testing.T) {
	var next, steps, failed atomic.Int64
	var counting sync.Mutex
	var fired fakesys.Fired
	var coverage Coverage
	var workers sync.WaitGroup
	begin := time.Now()
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for failed.Load() < int64(*fails) && (*nightly == 0 || time.Since(begin) < *nightly) {
				i := next.Add(1) - 1
				if i >= int64(*seeds) {
					return
				}
				seed := *first + uint64(i)
				_, r := play(seed)
				steps.Add(int64(r.Steps))
				counting.Lock()
				fired.Add(r.Fired)
				coverage.Add(r)
				counting.Unlock()
				if r.Failed() {
					failed.Add(1)
					t.Errorf("seed %d (replay: go test ./sim -run TestSwarm -seed %d -seeds 1)\n%s", seed, seed, shrunk(seed))
				}
			}
		})
	}
	workers.Wait()
	played := min(int(next.Load()), *seeds)
	t.Logf("%d seeds from %d, %d steps; faults that happened:\n%s\n%s", played, *first, steps.Load(), &fired, &coverage)
	if played >= *goals && !t.Failed() {
		assert.Empty(t, fired.Missing(), "no seed met these faults")
		assert.Empty(t, coverage.Below(), "these rules are decided too rarely to prove anything")
		writeDecided(t, &coverage)
	}
}

const decidedPage = "../docs/reference/invariants.md"

// writeDecided replaces the table of decided rules in the documentation, with -update.
func writeDecided(t *testing.T, c *Coverage) {
	if !golden.Updating() {
		return
	}
	const begin, end = "<!-- decided: begin -->\n", "<!-- decided: end -->"
	text, err := os.ReadFile(decidedPage)
	require.NoError(t, err)
	head, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok, "%s has no %q", decidedPage, begin)
	_, tail, ok := strings.Cut(rest, end)
	require.True(t, ok, "%s has no %q", decidedPage, end)
	table := fmt.Sprintf("In %d runs from seed %d:\n\n%s", c.Runs, *first, c.Markdown())
	require.NoError(t, os.WriteFile(decidedPage, []byte(head+begin+table+end+tail), 0o644))
}

// drawn lets rapid make the choices, so that it can shrink them.
type drawn struct{ *rapid.T }

func (d drawn) Choose(label string, n int) int { return rapid.IntRange(0, n-1).Draw(d.T, label) }

// TestLaws has rapid make scenarios and runs, and shrink what fails.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if rec, r := Record(drawn{t}); r.Failed() {
			t.Fatalf("%v\n%s\n\n%s", r.Violations, story(rec.Scenario, rec.RunTraced(), 200), rec)
		}
	})
}

// TestRegressions plays the runs that once broke an invariant.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/regressions/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			recording, err := os.ReadFile(file)
			require.NoError(t, err)
			s, r, err := Replay(string(recording))
			require.NoError(t, err)
			assert.Empty(t, r.Violations, "%s", story(s, r, 80))
		})
	}
}

func TestARecordingReplaysToTheSameHash(t *testing.T) {
	for seed := range uint64(20) {
		rec, want := Record(fakesys.FromSeed(seed))
		_, got, err := Replay(rec.String())
		require.NoError(t, err)
		assert.Equal(t, want.Hash, got.Hash, "seed %d", seed)
	}
	for text, want := range map[string]string{
		"# three\nfour":                    `line 2: "four" is no line of a recording`,
		`choose "errno" 0 1`:               "is no line of a recording",
		`choose "errno" 1`:                 "is no line of a recording",
		`choose errno 1 1`:                 "is no line of a recording",
		`choose "errno" 1 -1`:              "is no line of a recording",
		"# nothing":                        "there is no scenario",
		`choose "errno" 1 1`:               "line 1: a choice stands before the scenario",
		`{"Services":{}}`:                  "line 1: this is no scenario",
		`{"Actions":[{"Command":"jump"}]}`: `not "jump"`,
	} {
		_, err := ParseRecording(text)
		assert.ErrorContains(t, err, want)
	}
}
