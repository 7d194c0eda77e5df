package integration

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The end of an essential service ends gosv with the status of that service.
func TestTheEndOfAnEssentialServiceIsTheStatusOfGosv(t *testing.T) {
	for script, want := range map[string]int{"exit 7": 7, "exit 0": 0, "kill -KILL $$": 137} {
		main := program("main", "/bin/sh", "-c", script).with("restart", "never").with("essential", true)
		g := launch{args: []string{"--config", configFile(t, "off", sleeper("web"), main)}}.start(t)
		assert.Equal(t, want, g.status(), g.stderr())
		assert.Contains(t, g.stderr(), "gosv ends with this essential service and stops all others")
	}
	missing := program("main", "/no/such/program").with("max_restarts", 0).with("essential", true)
	g := launch{args: []string{"--config", configFile(t, "off", sleeper("web"), missing)}}.start(t)
	assert.Equal(t, 127, g.status(), g.stderr())
}
