package vm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stale lists cgroups of gosv below a directory.
func stale(t *testing.T, dir string) (all []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "gosv" {
			all = append(all, path)
		}
		return nil // what vanishes meanwhile is gone
	}))
	return all
}

func TestDumpOnEveryKernel(t *testing.T) {
	needs(t, "root", "memory")
	g := supervise(t, actor("web", "sleep").with("memory_mb", 64))
	g.running("web", 1)
	require.NoError(t, g.cmd.Process.Signal(syscall.SIGUSR1))
	g.printed(`(?s)web.*memory`)
	assert.Equal(t, 0, g.stop(), "gosv survives the dump")
}

func TestKilledSupervisorIsReplaced(t *testing.T) {
	needs(t, "root", "alone")
	g := supervise(t, actor("web", "sleep"))
	first := g.running("web", 1)
	own := fmt.Sprintf("/proc/%d", first)
	require.NoError(t, g.cmd.Process.Kill())
	<-g.ended
	next := supervise(t, actor("web", "sleep"))
	second := next.running("web", 1)
	assert.NotEqual(t, first, second)
	next.await("the first generation is gone", func() bool {
		return strings.Contains(read(own+"/stat"), ") Z ") || read(own+"/stat") == ""
	})
	assert.Equal(t, 0, next.stop())
	assert.Empty(t, stale(t, root()), "no cgroup is left behind")
}

func TestNothingIsLeftAfterAStop(t *testing.T) {
	needs(t, "root", "alone")
	g := supervise(t, actor("family", "family", "main", "1"), actor("web", "sleep").with("max_restarts", 3))
	g.running("family", 1)
	g.running("web", 1)
	assert.Equal(t, 0, g.stop())
	assert.Empty(t, stale(t, root()))
}
