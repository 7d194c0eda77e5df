package golden

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestAStaleFileFailsAndUpdateWritesIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "golden")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o600))
	same, stale, updated := &recorder{TB: t}, &recorder{TB: t}, &recorder{TB: t}
	before := *update
	*update = false
	Equal(same, file, "old")
	Equal(stale, file, "new")
	*update = true
	Equal(updated, file, "new")
	*update = before
	assert.False(t, same.failed)
	assert.True(t, stale.failed)
	assert.False(t, updated.failed)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "new", string(text))
}
