package fakesys_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
)

func TestEnumeratorMakesEveryCombinationOnce(t *testing.T) {
	e := fakesys.NewEnumerator(3)
	var ways []string
	for more := true; more; more = e.Next() {
		way := ""
		n := 2
		for range 5 { // what is asked depends on what was answered
			v := e.Choose("", n)
			way += fmt.Sprint(v)
			e.Choose("no choice", 1)
			n = 2 + v
		}
		ways = append(ways, way)
	}
	assert.Equal(t, []string{"00000", "00100", "01000", "01100", "01200",
		"10000", "10100", "11000", "11100", "11200", "12000", "12100", "12200", "12300"}, ways)
}

// Three services end at the same instant: every order of that is met.
func TestOrdersOfSimultaneousEvents(t *testing.T) {
	order := func(c fakesys.Choices) string {
		m := newMachine(t, fakesys.Options{Choices: c})
		said := ""
		for _, word := range []string{"a", "b", "c"} {
			m.At(time.Second, word, func() { said += word })
		}
		m.Wait(time.Minute)
		return said
	}
	all := map[string]bool{"abc": true, "acb": true, "bac": true, "bca": true, "cab": true, "cba": true}

	seen := map[string]bool{}
	e := fakesys.NewEnumerator(4)
	for more := true; more; more = e.Next() {
		seen[order(e)] = true
	}
	assert.Equal(t, all, seen)

	seen = map[string]bool{}
	for seed := range uint64(200) {
		seen[order(fakesys.NewPCT(seed, 3, 3))] = true
	}
	assert.Equal(t, all, seen)
	assert.Equal(t, "abc", order(fakesys.NewPCT(1, 0, 3)), "no change, no disorder")
}

func TestPCTChangesOnlyTheOrder(t *testing.T) {
	for seed := range uint64(50) {
		c := fakesys.NewPCT(seed, 3, 10)
		changes := 0
		for range 20 {
			require.Zero(t, c.Choose("spawn fails", 2))
			if c.Choose("preempt", 2) == 1 {
				changes++
			}
		}
		require.LessOrEqual(t, changes, 3)
		require.NotZero(t, changes)
	}
}
