package fakesys_test

import (
	"testing"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys/systest"
	"github.com/gosv/gosv/sys/systest/fakeworld"
)

// conforming is a fake as a world of the conformance suite.
func conforming(o fakesys.Options) func(*testing.T) systest.World {
	return func(*testing.T) systest.World {
		world, _ := fakeworld.New(o)
		return world
	}
}

func TestConformance(t *testing.T) {
	systest.Run(t, conforming(fakesys.Options{}))
}

// Every order of events is a kernel's order.
func TestConformanceInOtherOrders(t *testing.T) {
	for seed := range uint64(10) {
		t.Logf("seed %d", seed)
		systest.Run(t, func(t *testing.T) systest.World {
			return conforming(fakesys.Options{Choices: fakesys.FromSeed(seed), Preempt: seed%2 == 1})(t)
		})
	}
}
