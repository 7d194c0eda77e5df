package live

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheProcessorThatLostMostCounts(t *testing.T) {
	var s stolen
	for _, stat := range []string{
		"cpu  9 9 9 9 9 9 9 70 0 0\ncpu0 1 1 1 1 1 1 1 30 0 0\ncpu1 1 1 1 1 1 1 1 40 0 0\nintr 1 2 3\n",
		"cpu  9 9 9 9 9 9 9 76 0 0\ncpu0 1 1 1 1 1 1 1 35 0 0\ncpu1 1 1 1 1 1 1 1 41 0 0\n",
		"cpu  9 9 9 9 9 9 9 76 0 0\ncpu0 1 1 1 1 1 1 1 35 0 0\ncpu1 1 1 1 1 1 1 1 41 0 0\n",
		"cpu  9 9 9 9 9 9 9 79 0 0\ncpu0 1 1 1 1 1 1 1 36 0 0\ncpu1 1 1 1 1 1 1 1 43 0 0\ncpu2 offline\n",
		"",
	} {
		s.add(stat)
	}
	assert.Equal(t, 70*ms, s.sum)
}
