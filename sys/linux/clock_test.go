package linux

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A thread that waits for a processor between two readings sets no clock wrong.
func TestClocksAreComparedWhileNothingComesBetween(t *testing.T) {
	for waits := range 40 {
		var at time.Duration
		readings := 0
		read := func() time.Duration {
			if at += time.Microsecond; readings < waits {
				at += time.Second
			}
			readings++
			return at
		}
		by := ahead(func() time.Duration { return read() + time.Hour }, read)
		assert.InDelta(t, time.Hour, by, float64(closeEnough), "%d waits", waits)
	}
	var at time.Duration
	slow := func() time.Duration { at += time.Second; return at }
	assert.Equal(t, time.Hour, ahead(func() time.Duration { return slow() + time.Hour }, slow), "every reading takes a second")
}
