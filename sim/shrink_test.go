package sim_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/gosv/gosv/sim"
)

// failing plants a bug in the swarm's scenarios and gives the first run of them
// that breaks an invariant.
func failing(bug plantedBug) (Recording, bool) {
	for seed := range uint64(4000) {
		s, choices := FromSeed(seed)
		s.Plant = bug.plant
		if rec, r := RecordScenario(s, choices); r.Failed() {
			return rec, true
		}
	}
	return Recording{}, false
}

// TestAShrunkRunCanBeHeldInTheHead plants each bug in scenarios of the swarm, where
// a run that breaks an invariant has some fifty operations.
func TestAShrunkRunCanBeHeldInTheHead(t *testing.T) {
	var before, after []int
	for name, bug := range plantedBugs() {
		rec, found := failing(bug)
		require.True(t, found, "no seed brings it out: %s", name)
		small := rec.Shrink(600)
		assert.Equal(t, rec.Run().Rule(), small.Run().Rule(), name)
		before, after = append(before, rec.Operations()), append(after, small.Operations())
	}
	slices.Sort(before)
	slices.Sort(after)
	t.Logf("operations: median %d before, %d after, at most %d", before[len(before)/2], after[len(after)/2], after[len(after)-1])
	assert.LessOrEqual(t, after[len(after)/2], 8)
}
