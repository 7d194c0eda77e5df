package live

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A folder of files stands for a cgroup: what a limit was is what it is again.
func TestASqueezeIsTakenBack(t *testing.T) {
	name := filepath.Join(t.TempDir(), "cpu.max")
	require.NoError(t, os.WriteFile(name, []byte("50000 100000\n"), 0o600))
	d, err := squeeze(name, "1000 100000", time.Second)
	require.NoError(t, err)
	assert.Equal(t, "1000 100000", read(t, name))
	assert.Equal(t, time.Second, d.after)
	require.NoError(t, d.undo())
	assert.Equal(t, "50000 100000", read(t, name))
}

// The cgroup of a generation goes with it.
func TestASqueezeOfWhatIsGone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "leaf")
	require.NoError(t, os.Mkdir(folder, 0o700))
	name := filepath.Join(folder, "cgroup.freeze")
	_, err := squeeze(name, "1", time.Second)
	require.ErrorIs(t, err, unix.ESRCH)
	require.NoError(t, os.WriteFile(name, []byte("0\n"), 0o600))
	d, err := squeeze(name, "1", time.Second)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(folder))
	assert.NoError(t, d.undo(), "there is nothing to take back")
}

func TestASqueezeOfMemoryIsTakenBack(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "memory.max")
	require.NoError(t, os.WriteFile(name, []byte("max\n"), 0o600))
	d := squeezeTo(name, "4096", "max")
	require.Eventually(t, func() bool { return read(t, name) == "4096" }, 5*time.Second, time.Millisecond)
	require.NoError(t, d.undo())
	assert.Equal(t, "max", read(t, name))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}
