package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ownCgroup is a directory of files in the place of this program's cgroup below the root.
func ownCgroup(t *testing.T, procs string) (own, dir string) {
	t.Helper()
	own = t.TempDir()
	dir = filepath.Join(own, "gosv-chaos-run")
	require.NoError(t, os.Mkdir(dir, 0o700))
	for name, text := range map[string]string{"cgroup.type": "domain\n", "cgroup.controllers": "cpu memory pids\n", "cgroup.subtree_control": "", "cgroup.procs": procs} {
		require.NoError(t, os.WriteFile(filepath.Join(own, name), []byte(text), 0o600))
	}
	return own, dir
}

func TestControllersAreEnabledAfterMovingAway(t *testing.T) {
	own, dir := ownCgroup(t, "")
	d, err := delegate(own, dir, true)
	require.NoError(t, err)
	assert.Equal(t, "0", read(t, filepath.Join(d.ownDir(), "cgroup.procs")))
	assert.Equal(t, controllers, d.enabled)
	require.NoError(t, d.undo())
	assert.Equal(t, "0", read(t, filepath.Join(own, "cgroup.procs")), "it is back")
}

// To enable cpu or pids beside a process would make the cgroup a thread root.
func TestControllersAreNotEnabledBesideOtherProcesses(t *testing.T) {
	own, dir := ownCgroup(t, "1234\n")
	d, err := delegate(own, dir, true)
	require.NoError(t, err)
	assert.Empty(t, d.enabled)
	assert.Empty(t, strings.TrimSpace(read(t, filepath.Join(own, "cgroup.subtree_control"))))
	assert.False(t, d.moved)
}
