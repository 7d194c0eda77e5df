package linux_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// What CheckProgram says without starting anything, a start says too.
func TestCheckProgramAgreesWithTheStart(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty": "", "text": "echo hello\n", "missing": "#!/no/such/interpreter\n", "closed": "#!./text-closed\n", "dos": "#!/bin/sh\r\n",
		"bare": "#!\n", "right": "#!/bin/sh\nexit 0\n", "spaced": "#! /bin/sh -e\nexit 0\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text-closed"), nil, 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "directory"), 0o700))
	big := strings.Repeat("x", 100<<10)
	var bigEnv []string
	for range 100 {
		bigEnv = append(bigEnv, "X="+big)
	}
	k := newKernelWith(t, linux.Options{})
	defer k.Shutdown(0)
	for i, c := range []struct {
		path string
		env  []string
		want string // in what is said; "": nothing is wrong
	}{
		{"./empty", nil, "the file is empty"},
		{"./text", nil, "neither a program for this machine nor a script"},
		{"./bare", nil, "neither a program for this machine nor a script"},
		{"./missing", nil, `its interpreter "/no/such/interpreter" does not exist`},
		{"./closed", nil, `its interpreter "./text-closed" is not executable`},
		{"./dos", nil, "DOS line ends"},
		{"./directory", nil, "it is a directory"},
		{"./nothing", nil, "no such file"},
		{"./right", nil, ""},
		{"./spaced", nil, ""},
		{"true", nil, ""},
		{"true", bigEnv[:2], ""},
		{"true", bigEnv, "argument list too long"},
	} {
		r := sys.SpawnRequest{ID: sys.SpawnID(i + 1), Path: c.path, Dir: dir, Env: c.env}
		checked := linux.CheckProgram(r)
		k.Spawn(r)
		results := k.Spawned()
		for ; len(results) == 0; results = k.Spawned() {
			k.Wait(sys.Never)
		}
		started := results[0].Err
		if c.want == "" {
			assert.NoError(t, checked, c.path)
			assert.NoError(t, started, c.path)
			continue
		}
		var ours, kernels *sys.SpawnError
		if assert.ErrorContains(t, checked, c.want, c.path) && assert.Error(t, started, c.path) {
			require.True(t, errors.As(checked, &ours) && errors.As(started, &kernels))
			assert.Equal(t, kernels.Err, ours.Err, c.path)
			assert.Equal(t, kernels.Step, ours.Step, c.path)
		}
	}
	for len(k.Exited()) > 0 {
	}
}
