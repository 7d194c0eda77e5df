package sys

import (
	"math"
	"time"
)

// Never is the deadline of something that has none.
const Never = time.Duration(math.MaxInt64)

// Clock reads the clocks. Decisions use Now only; Wall is for showing to people.
type Clock interface {
	// Now is CLOCK_MONOTONIC, as the time since a fixed origin. It is never
	// negative and never goes back.
	Now() time.Duration
	// Wall is CLOCK_REALTIME. It may step in either direction.
	Wall() time.Time
}

// Random draws the few numbers that a supervisor leaves to chance.
type Random interface {
	// Draw returns a number in [0, n); label names its purpose, and n must
	// be positive. The fake answers it from its decision stream.
	Draw(label string, n int) int
}
