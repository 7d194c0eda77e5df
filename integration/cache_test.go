package integration

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSourcesAreDependencies reads every source file of gosv. The tests build gosv by
// a command, and go test invalidates their cached result only for files that they open.
func TestSourcesAreDependencies(t *testing.T) {
	read := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".s") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		read++
		_, err = os.ReadFile(path)
		return err
	})
	require.NoError(t, err)
	require.Greater(t, read, 50, "the sources are not where they were")
}
