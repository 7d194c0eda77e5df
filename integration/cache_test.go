package integration

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheSourcesAreRead reads every source file of gosv: go test caches the
// result of a package and knows that these tests depend on a file only if they
// open it, since they build gosv by a command.
func TestTheSourcesAreRead(t *testing.T) {
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
