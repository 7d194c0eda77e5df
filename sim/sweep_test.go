package sim_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

// tally judges the runs of a sweep. The first that fails is shrunk and told.
type tally struct {
	t           *testing.T
	runs, steps int
}

func (y *tally) visit(p Plan, r *Report) bool {
	y.runs++
	y.steps += r.Steps
	if !r.Failed() {
		return true
	}
	small := p.Shrink()
	s, r, err := small.Trace()
	require.NoError(y.t, err)
	y.t.Errorf("%s\n\nA file in sim/testdata/regressions with these lines replays it:\n%s", story(s, r, *lines), small)
	return false
}

// sweep explores every scenario of the library.
func sweep(t *testing.T, spaces ...Space) {
	for _, n := range Library() {
		t.Run(n.Name, func(t *testing.T) {
			t.Parallel()
			y := tally{t: t}
			Explore(Plan{Library: n.Name}, spaces, y.visit)
			t.Logf("%d runs, %d steps: %s", y.runs, y.steps, n.About)
		})
	}
}

// TestEveryFailure fails every call of every scenario with every errno that is
// legal.
func TestEveryFailure(t *testing.T) { sweep(t, Failures) }

// TestEveryCrash kills gosv after every call and event that changes the world. The
// next gosv leaves no duplicate and no orphan of what it can know of: with cgroups
// all that is in those of the dead, without nothing.
func TestEveryCrash(t *testing.T) { sweep(t, Crashes) }

func TestAPlanIsItsText(t *testing.T) {
	const text = "library crowd+order+late\nfail 12 EMFILE\nfail 40 ENOSPC\ncrash 300\nchoose 7 1\n"
	p, err := ParsePlan("# a comment\n\n" + text)
	require.NoError(t, err)
	assert.Equal(t, text, p.String())
	_, first, err := Replay(text)
	require.NoError(t, err)
	again, err := p.Play()
	require.NoError(t, err)
	assert.Equal(t, first.Hash, again.Hash)
	assert.NotEmpty(t, first.Trace)

	for text, want := range map[string]string{
		"":                             `a plan begins with "library" and the name of a scenario`,
		"library":                      `line 1: "library" is no line of a plan: library NAME, fail CALL ERRNO, crash STEP, choose INDEX VALUE`,
		"library deaf\nfail 1 EMAGIC":  `line 2: "EMAGIC" is no errno of the catalogue`,
		"library deaf\ncrash 0":        `line 2: "0" is not a number from 1 on`,
		"library deaf\nchoose 1 never": `line 2: "never" is no choice`,
	} {
		_, err := ParsePlan(text)
		assert.EqualError(t, err, want)
	}
	_, _, err = Replay("library nowhere")
	assert.EqualError(t, err, `the library has no scenario "nowhere"; sim/library*.go has the names`)
	_, _, err = Replay("library deaf+noise\n")
	assert.EqualError(t, err, `"deaf+noise": a scenario may be disturbed by +order and +late, not by +noise`)
}

func TestEveryDisturbanceHoldsWithoutChance(t *testing.T) {
	names := map[string]bool{}
	for _, n := range Library() {
		assert.False(t, names[n.Name], "%s stands twice in the library", n.Name)
		names[n.Name] = true
		for _, how := range []string{"", "+order", "+late", "+order+late"} {
			s, r, err := Plan{Library: n.Name + how}.Trace()
			require.NoError(t, err)
			assert.Empty(t, r.Violations, "%s", story(s, r, 80))
		}
	}
}

// blindToTheDead finds no folder that a dead gosv has left.
type blindToTheDead struct{ sys.Kernel }

func (k blindToTheDead) ReadDir(folder string) ([]string, error) {
	names, err := k.Kernel.ReadDir(folder)
	return slices.DeleteFunc(names, func(name string) bool { return name == "gosv" }), err
}

// What is not buried is seen: a sweep that cannot fail proves nothing.
func TestACrashSweepSeesADuplicate(t *testing.T) {
	s, err := Find("buried")
	require.NoError(t, err)
	s.Plant = func(o *supervisor.Options) { o.Kernel = blindToTheDead{o.Kernel} }
	r := s.Run(fakesys.Zero{})
	require.NotEmpty(t, r.Violations)
	assert.Contains(t, r.Violations[0], "invariant 1 one generation at a time")

	s, err = Find("buried")
	require.NoError(t, err)
	s.Cgroup = config.CgroupOff
	assert.Empty(t, s.Run(fakesys.Zero{}).Violations, "without cgroups it cannot know")
}
