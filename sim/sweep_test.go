package sim_test

import (
	"flag"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

var all = flag.Bool("all", false, "sweep the longest scenarios, too")

// longest have hundreds of calls that can fail, and thousands. make test sweeps them.
var longest = []string{"reclaimed", "reclaimed-beside", "reclaimed-for-long", "reclaimed-end-leader", "reclaimed-one-by-one", "busy-directories", "busy-directories-at-last"}

// tally judges the runs of a sweep. The first that fails is shrunk and told.
type tally struct {
	t           *testing.T
	runs, steps int
	until       time.Time // zero: there is no hurry
}

func (y *tally) visit(p Plan, r *Report) bool {
	y.runs++
	y.steps += r.Steps
	if r.Failed() {
		rec, err := p.Recording()
		assert.NoError(y.t, err)
		failed(y.t, rec)
		return false
	}
	return y.until.IsZero() || time.Now().Before(y.until)
}

// failed reports a run that broke a rule, as small as it gets.
func failed(t *testing.T, r Recording) {
	t.Helper()
	small := r.Shrink(2000)
	t.Errorf("%s\n\nA file in sim/testdata/regressions with these lines replays it:\n%s", story(small.Scenario, small.RunTraced(), *lines), small)
}

// sweep explores every scenario of the library.
func sweep(t *testing.T, how string, spaces ...Space) {
	for _, n := range Library() {
		t.Run(n.Name, func(t *testing.T) {
			t.Parallel()
			if slices.Contains(spaces, Failures) && slices.Contains(longest, n.Name) && !*all {
				t.Skip("left out without -all, because it takes seconds (make test has it)")
			}
			y := tally{t: t}
			Explore(Plan{Library: n.Name + how}, spaces, y.visit)
			t.Logf("%d runs, %d steps: %s", y.runs, y.steps, n.About)
		})
	}
}

// TestEveryFailure fails every call of every scenario with every errno that is
// legal.
func TestEveryFailure(t *testing.T) { sweep(t, "", Failures) }

// TestEveryCrash kills gosv after every call and event that changes the world. The
// next gosv leaves no duplicate and no orphan of what it can know of: with cgroups
// all that is in those of the dead, without nothing.
func TestEveryCrash(t *testing.T) { sweep(t, "", Crashes) }

// TestEverySlowCall has gosv wait for the processor in every call, for a while and for
// longer than the grace of a stop.
func TestEverySlowCall(t *testing.T) {
	if !*all {
		t.Skip("left out without -all, because it takes seconds (make test has it)")
	}
	sweep(t, "", SlowCalls)
}

// TestTheFirstDecisions goes through every way in which the first choices of some
// small scenarios can be made: what is first, what takes long, what is not told.
func TestTheFirstDecisions(t *testing.T) {
	for name, choices := range map[string]int{"run-ends+order": 9, "polite+order": 8, "deaf+order+late": 8, "reclaimed-twice+order": 6, "given-up+order": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Plan{Library: name}.Scenario()
			require.NoError(t, err)
			runs := 1
			e := fakesys.NewEnumerator(choices)
			for ; ; runs++ {
				if s.Run(e).Failed() {
					e.Rewind()
					r, _ := RecordScenario(s, e)
					failed(t, r)
				}
				if t.Failed() || !e.Next() {
					break
				}
			}
			t.Logf("%d runs", runs)
		})
	}
}

// TestOrders plays every scenario with three things out of order, drawn by seed.
func TestOrders(t *testing.T) {
	for _, n := range Library() {
		t.Run(n.Name, func(t *testing.T) {
			t.Parallel()
			orders(t, n.Name, *first, 15, time.Time{})
		})
	}
}

// orders plays a scenario with PCT, for a number of seeds or until an instant.
func orders(t *testing.T, name string, seed uint64, runs int, until time.Time) (played int) {
	s, err := Plan{Library: name + "+order"}.Scenario()
	assert.NoError(t, err)
	choices := 0
	s.Run(counter(func(label string) {
		if fakesys.Orders(label) {
			choices++
		}
	}))
	for ; played < runs && (until.IsZero() || time.Now().Before(until)); played++ {
		r, report := RecordScenario(s, fakesys.NewPCT(seed+uint64(played), 3, choices))
		if report.Failed() {
			t.Errorf("PCT seed %d", seed+uint64(played))
			failed(t, r)
			break
		}
	}
	return played
}

// counter is told of each choice that a run without chance makes.
type counter func(label string)

func (f counter) Choose(label string, n int) int {
	if n > 1 {
		f(label)
	}
	return 0
}

func TestAPlanIsKeptAsARecording(t *testing.T) {
	p := Plan{Library: "crowd+order+late", Fails: []Fail{{12, syscall.EMFILE}, {40, syscall.ENOSPC}}, Slow: []Slow{{20, time.Second}, {90, 3 * time.Millisecond}}, Crashes: []int{300}, Choices: []Choice{{7, 1}}}
	r, err := p.Recording()
	require.NoError(t, err)
	want, err := p.Play()
	require.NoError(t, err)
	_, got, err := Replay(r.String())
	require.NoError(t, err)
	assert.Equal(t, want.Hash, got.Hash)

	_, err = Plan{Library: "nowhere"}.Play()
	assert.EqualError(t, err, `the library has no scenario "nowhere"; sim/library*.go has the names`)
	_, err = Plan{Library: "deaf+noise"}.Recording()
	assert.EqualError(t, err, `"deaf+noise": a scenario may be disturbed by +order and +late, not by +noise`)
}

func TestEveryDisturbanceHoldsWithoutChance(t *testing.T) {
	names := map[string]bool{}
	for _, n := range Library() {
		assert.False(t, names[n.Name], "%s stands twice in the library", n.Name)
		names[n.Name] = true
		for _, how := range []string{"", "+order", "+late", "+order+late"} {
			s, err := Plan{Library: n.Name + how}.Scenario()
			require.NoError(t, err)
			holds(t, s)
		}
	}
}

// blindToTheDead finds no directory that a dead gosv has left.
type blindToTheDead struct{ sys.Kernel }

func (k blindToTheDead) ReadDir(dir string) ([]sys.DirEntry, error) {
	entries, err := k.Kernel.ReadDir(dir)
	return slices.DeleteFunc(entries, func(e sys.DirEntry) bool { return e.Name == "gosv" }), err
}

// A leftover that is not reclaimed is found: a sweep that cannot fail proves nothing.
func TestACrashSweepSeesADuplicate(t *testing.T) {
	s, err := Find("reclaimed")
	require.NoError(t, err)
	s.Plant = func(o *supervisor.Options) { o.Kernel = blindToTheDead{o.Kernel} }
	r := s.Run(fakesys.Zero{})
	require.NotEmpty(t, r.Violations)
	assert.Contains(t, r.Violations[0], "invariant 1 one instance at a time")

	s, err = Find("reclaimed")
	require.NoError(t, err)
	s.Cgroup = config.CgroupOff
	assert.Empty(t, s.Run(fakesys.Zero{}).Violations, "without cgroups it cannot know")
}
