package integration

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/testproc/live"
)

// service is an entry of "services".
type service map[string]any

// program is a service with short delays and a short stop timeout.
func program(name, command string, args ...string) service {
	return service{
		"name": name, "command": command, "args": append([]string{}, args...), "stop_timeout": "5s",
		"backoff": map[string]any{"initial": "10ms"},
	}
}

// testproc is a service that runs a script.
func testproc(name, script string) service {
	path, args := live.Command(script)
	return program(name, path, args...)
}

// sleeper is a small service that does nothing.
func sleeper(name string) service { return program(name, "sleep", "1000") }

func (s service) with(key string, value any) service {
	s = maps.Clone(s)
	s[key] = value
	return s
}

// delays sets the schedule of restarts.
func (s service) delays(initial string) service {
	return s.with("backoff", map[string]any{"initial": initial})
}

// configFile writes a configuration into a directory of its own.
func configFile(t *testing.T, mode string, services ...service) string {
	t.Helper()
	text, err := json.MarshalIndent(map[string]any{"cgroup": mode, "services": services}, "", "  ")
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "services.json")
	require.NoError(t, os.WriteFile(name, text, 0o644))
	return name
}
