package systest

import (
	"time"

	"github.com/stretchr/testify/assert"
)

var clockCases = []testcase{
	{"Now is never negative and never goes back", nowGoesForward},
	{"Draw stays below its limit", drawStaysBelow},
}

func nowGoesForward(s *scene) {
	last := s.Now()
	assert.GreaterOrEqual(s, last, time.Duration(0))
	for range 100 {
		now := s.Now()
		assert.GreaterOrEqual(s, now, last)
		last = now
	}
	s.pass(time.Millisecond)
	assert.GreaterOrEqual(s, s.Now(), last+time.Millisecond)
	assert.False(s, s.Wall().IsZero())
}

func drawStaysBelow(s *scene) {
	for n := 1; n < 100; n++ {
		got := s.Draw("systest", n)
		assert.GreaterOrEqual(s, got, 0)
		assert.Less(s, got, n)
	}
}
