package instance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	. "github.com/gosv/gosv/supervisor/instance"
)

func TestAnInstanceInItsCgroupIsEmptyWhenThatIs(t *testing.T) {
	s := State{Spawn: Spawned, Main: Reaped, Place: InCgroup}
	for _, c := range []struct {
		facts Facts
		empty bool
		next  Fact
	}{
		{Facts{}, false, Populated},
		{Facts{Populated: Yes}, false, None},
		{Facts{Populated: No}, true, None},
		{Facts{Populated: No, GroupAlive: Yes, Orphans: Yes}, true, None},
	} {
		empty, next := s.Empty(c.facts)
		assert.Equal(t, c.empty, empty, "%+v", c.facts)
		assert.Equal(t, c.next, next, "%+v", c.facts)
	}
}

// A sibling that dies between the two questions hides its child if the orphans are
// asked for first.
func TestTheGroupIsAskedForBeforeTheOrphans(t *testing.T) {
	for _, s := range []State{{Spawn: Spawned, Main: Zombie}, {Spawn: Spawned, Main: Reaped, Place: EscapedCgroup, Group: Unpinned}} {
		facts := Facts{Populated: No}
		_, next := s.Empty(facts)
		assert.Equal(t, GroupAlive, next)
		facts.GroupAlive = No
		_, next = s.Empty(facts)
		assert.Equal(t, Orphans, next)
		facts.Orphans = No
		empty, next := s.Empty(facts)
		assert.True(t, empty)
		assert.Equal(t, None, next)
		facts.Orphans = Yes
		empty, _ = s.Empty(facts)
		assert.False(t, empty)
		facts.GroupAlive = Yes
		empty, _ = s.Empty(facts)
		assert.False(t, empty)
	}
}

func TestAnEscapedInstanceHasAnEmptyCgroupToo(t *testing.T) {
	empty, next := State{Spawn: Spawned, Main: Zombie, Place: EscapedCgroup}.Empty(Facts{Populated: Yes})
	assert.False(t, empty)
	assert.Equal(t, None, next)
}

// The zombie of a main process pins the PID of its group for the scan that looks
// for members there.
func TestAZombieIsHeldWhileItsGroupMatters(t *testing.T) {
	for _, c := range []struct {
		place     Place
		noOrphans bool
		may       bool
	}{{NoCgroup, false, false}, {NoCgroup, true, true}, {InCgroup, false, true}, {EscapedCgroup, false, false}, {EscapedCgroup, true, true}} {
		assert.Equal(t, c.may, State{Spawn: Spawned, Place: c.place}.MayReap(c.noOrphans), "%v, %v", c.place, c.noOrphans)
	}
}
