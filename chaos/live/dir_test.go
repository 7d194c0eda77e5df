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

// What a dead run left is removed; what a living one has is not, and nothing that
// gosv chaos did not make.
func TestDirsOfDeadRunsAreSwept(t *testing.T) {
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
	assert.DirExists(t, dead.name, "its supervisor lives, and has the lock")
	require.NoError(t, syscall.Close(inherited))
	reclaimDeadRuns()
	assert.NoDirExists(t, dead.name)
	assert.DirExists(t, living.name)
	assert.DirExists(t, strange, "it has no note")
	assert.DirExists(t, filepath.Join(temporary, "elsewhere"), "no cgroup of that run")
	living.remove()
	assert.NoDirExists(t, living.name)
}

// Runs that begin while others sweep have their directories.
func TestASweepTakesNoDirThatIsBeingMade(t *testing.T) {
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

// A disk that is full and the like are this machine's fault, and leave nothing behind.
func TestWhatCannotBeMadeReadyCannotRun(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	tooLong := strings.Repeat("n", 300) // for a file
	g := &Gosv{Program: "/nowhere/gosv", File: config.File{Services: []config.Service{config.NewService(tooLong, "x")}}}
	g.Prepare(chaos.Plan{Faults: []chaos.PlannedFault{{Fault: "start-exit"}}})
	err := g.Start("a-run")
	assert.ErrorAs(t, err, &CannotRun{})
	assert.ErrorContains(t, err, "cannot make a run ready: open ")
	assert.Empty(t, g.Close())
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestARunHasItsDirAlone(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f, err := newRunDir("one")
	require.NoError(t, err)
	defer f.remove()
	_, err = newRunDir("one")
	assert.ErrorAs(t, err, &CannotRun{})
}
