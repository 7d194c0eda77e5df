package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The slash in the name of an instance makes no directory: its cgroup is beside those of
// other services.
func TestTheCgroupOfAnInstance(t *testing.T) {
	needsCgroups(t)
	web := program("web", "/bin/sh", "-c", "cat /proc/self/cgroup").with("instances", 2).with("restart", "never")
	g := launch{args: []string{"--config", configFile(t, "require", web)}}.start(t)
	require.Zero(t, g.status(), g.stderr())
	assert.Regexp(t, `web/1 +\| .*/web\+1/1\n`, g.stdout())
	assert.Regexp(t, `web/2 +\| .*/web\+2/1\n`, g.stdout())
}
