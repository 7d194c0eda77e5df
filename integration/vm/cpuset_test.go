package vm

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCpusetAndIOWeightAreSet(t *testing.T) {
	needs(t, "root", "io", "cpuset")
	g := supervise(t, actor("pinned", "sleep").with("cpuset", "0").with("io_weight", 200), actor("free", "sleep"))
	pid := g.running("pinned", 1)
	assert.Equal(t, "0", limit(t, pid, "cpuset.cpus"))
	assert.Contains(t, read("/proc/"+strconv.Itoa(pid)+"/status"), "Cpus_allowed_list:\t0\n")
	assert.Contains(t, limit(t, pid, "io.weight"), "default 200")
	assert.Contains(t, limit(t, g.running("free", 1), "io.weight"), "default 100")
	g.stop()
}
