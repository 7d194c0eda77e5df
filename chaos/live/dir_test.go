package live

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// Directories of living runs, and those that gosv chaos did not make, are kept.
func TestDirectoriesOfDeadRunsAreRemoved(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	living, err := newRunDir("living")
	require.NoError(t, err)
	require.NoError(t, living.recordCgroup(""))
	dead, err := newRunDir("dead")
	require.NoError(t, err)
	require.NoError(t, dead.recordCgroup(filepath.Join(temporary, "elsewhere")))
	require.NoError(t, os.Mkdir(filepath.Join(temporary, "elsewhere"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dead.name, configName), nil, 0o600))
	inherited, err := syscall.Dup(int(dead.lock.Fd()))
	require.NoError(t, err)
	require.NoError(t, dead.lock.Close())
	strange := filepath.Join(temporary, dirPrefix+"strange")
	require.NoError(t, os.Mkdir(strange, 0o700))
	require.NoError(t, os.Symlink(strange, filepath.Join(temporary, dirPrefix+"link")))

	reclaimDeadRuns()
	assert.DirExists(t, dead.name, "its supervisor lives and holds the lock")
	require.NoError(t, syscall.Close(inherited))
	reclaimDeadRuns()
	assert.NoDirExists(t, dead.name)
	assert.DirExists(t, living.name)
	assert.DirExists(t, strange, "it does not name a cgroup")
	assert.DirExists(t, filepath.Join(temporary, "elsewhere"), "not a cgroup of that run")
	living.remove()
	assert.NoDirExists(t, living.name)
}

func TestReclaimingKeepsDirectoriesThatAreBeingMade(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var all sync.WaitGroup
	for _, run := range []string{"a", "b", "c", "d"} {
		all.Go(func() {
			for range 50 {
				f, err := newRunDir(run)
				if assert.NoError(t, err) && assert.NoError(t, f.recordCgroup("")) {
					reclaimDeadRuns()
					assert.FileExists(t, filepath.Join(f.name, cgroupNote))
					f.remove()
				}
			}
		})
	}
	all.Wait()
}

// Errors such as a full disk are the machine's, and leave nothing behind.
func TestFailedPreparationIsCannotRun(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	tooLong := strings.Repeat("n", 300) // for a file
	g := &Gosv{Program: "/nowhere/gosv", File: config.File{Services: []config.Service{config.NewService(tooLong, "x")}}}
	g.Prepare(chaos.Plan{Faults: []chaos.PlannedFault{{Fault: "start-exit"}}})
	err := g.Start("a-run")
	assert.ErrorAs(t, err, &CannotRun{})
	assert.ErrorContains(t, err, "cannot prepare a run: open ")
	assert.Empty(t, g.Close())
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestRunDirectoriesAreExclusive(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f, err := newRunDir("one")
	require.NoError(t, err)
	defer f.remove()
	_, err = newRunDir("one")
	assert.ErrorAs(t, err, &CannotRun{})
}
