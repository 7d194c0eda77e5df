package vm

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	binary = os.Getenv("GOSV_BINARY") // gosv; empty until it is built
	build  sync.Once
	built  string // the directory of the built gosv
)

func TestMain(m *testing.M) {
	actIfRequested()
	status := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(status)
}

// program is gosv, which is built when the first test needs it.
func program(t *testing.T) string {
	t.Helper()
	build.Do(func() {
		if binary != "" {
			return
		}
		var err error
		built, err = os.MkdirTemp("", "gosv-vm-test-")
		require.NoError(t, err)
		name := filepath.Join(built, "gosv")
		out, err := exec.Command("go", "build", "-o", name, "../../cmd/gosv").CombinedOutput()
		require.NoErrorf(t, err, "cannot build gosv: %s", out)
		binary = name
	})
	return binary
}
