// Package systest is the conformance suite of package sys, in the manner of
// testing/fstest and nettest: what every kernel behind the seam must do, the
// real one and the fake alike. The fake is believed exactly as far as this suite
// reaches.
//
//	func TestConformance(t *testing.T) {
//		systest.Run(t, func(t *testing.T) systest.World { ... })
//	}
//
// A case waits for facts by [sys.Waiter.Wait] only, so that it takes
// milliseconds under a real clock and no time under a virtual one. Each runs in a
// world of its own and is judged, last, by what it leaves behind: nothing alive
// and no zombie.
package systest
