package linuxworld

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDirsOfDeadTestProgramsAreRemoved(t *testing.T) {
	own := Cgroup(t)
	dead, err := os.MkdirTemp(own, prefix)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dead, "below"), 0o755))
	other, err := os.MkdirTemp(own, "gosv-")
	require.NoError(t, err)
	alive, lock, err := makeLocked(own)
	require.NoError(t, err)
	defer func() { assert.NoError(t, lock.Close()) }()

	removeDead(own)
	assert.NoDirExists(t, dead)
	assert.DirExists(t, alive)
	assert.DirExists(t, other)
}

func TestARemovedDirHasNoLock(t *testing.T) {
	own := Cgroup(t)
	dir, lock, err := makeLocked(own)
	require.NoError(t, err)
	assert.Nil(t, lockDir(dir), "it is held")
	require.NoError(t, lock.Close())
	require.NoError(t, remove(dir))
	assert.Nil(t, lockDir(dir))
}
