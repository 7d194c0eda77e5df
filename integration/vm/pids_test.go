package vm

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPidsLimitHoldsAgainstAForkBomb(t *testing.T) {
	needs(t, "root", "pids")
	g := supervise(t, actor("bomb", "fork", "200").with("pids_max", 40), actor("calm", "sleep"))
	g.running("calm", 1)
	forked, err := strconv.Atoi(g.printed(`forked (\d+)`)[1])
	assert.NoError(t, err)
	assert.Less(t, forked, 40, "threads count too")
	assert.Equal(t, "40", limit(t, g.running("bomb", 1), "pids.max"))
	figure(t, "pids_max 40: %d of 200 children", forked)
	assert.Equal(t, 0, g.stop())
}
