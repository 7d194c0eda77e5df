package linuxworld

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys/systest"
)

// files makes one file of each kind, in a temporary directory.
type files struct {
	t   *testing.T
	dir string
}

func (f *files) path(kind systest.Kind) string {
	if f.dir == "" {
		dir, err := filepath.EvalSymlinks(f.t.TempDir())
		require.NoError(f.t, err)
		f.dir = dir
	}
	name := filepath.Join(f.dir, fmt.Sprintf("kind-%d", kind))
	switch kind {
	case systest.Missing:
	case systest.NotExecutable:
		f.write(name, "#!/bin/sh\n", 0o644)
	case systest.Empty:
		f.write(name, "", 0o755)
	case systest.MissingInterpreter:
		f.write(name, "#!/no/such/interpreter\n", 0o755)
	case systest.Busy:
		f.write(name, "#!/bin/sh\n", 0o755)
		writer, err := os.OpenFile(name, os.O_WRONLY, 0)
		require.NoError(f.t, err)
		f.t.Cleanup(func() { _ = writer.Close() })
	case systest.Dir:
		require.NoError(f.t, os.MkdirAll(name, 0o755))
	case systest.Looping:
		require.NoError(f.t, os.Symlink(name, name))
	case systest.BelowFile:
		f.write(name, "", 0o755)
		name = filepath.Join(name, "below")
	case systest.LongName:
		name = filepath.Join(f.dir, strings.Repeat("n", 256))
	default:
		f.t.Fatalf("linuxworld does not know the kind %d", kind)
	}
	return name
}

func (f *files) write(name, text string, mode os.FileMode) {
	require.NoError(f.t, os.WriteFile(name, []byte(text), mode))
}
