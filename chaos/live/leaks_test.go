package live

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
)

// The cgroup of the present run, of another service, and an empty one are no leaks.
func TestPopulatedCgroupOfAnEarlierRunIsALeak(t *testing.T) {
	dir := t.TempDir()
	for leaf, populated := range map[string]string{"web/1": "0", "web/2": "1", "web/3": "1", "db/7": "1"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, leaf), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, leaf, "cgroup.events"), []byte("populated "+populated+"\nfrozen 0\n"), 0o600))
	}
	running := func(leaf string) serviceState {
		return serviceState{Event: chaos.Event{To: "running"}, leaf: leaf}
	}
	r := &run{states: map[string]serviceState{"web": running(filepath.Join(dir, "web/3")), "db": running(filepath.Join(dir, "db/7")), "bare": running("")}}
	assert.Equal(t, []string{"in the cgroup " + filepath.Join(dir, "web/2") + " of an earlier run of web"}, r.populatedOldCgroups())
	r.states["other"] = running(filepath.Join(dir, "web/3")) // a supervisor with another layout
	assert.Len(t, r.populatedOldCgroups(), 1)
}
