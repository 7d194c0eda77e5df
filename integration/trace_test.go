package integration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys/tracesys"
	"github.com/gosv/gosv/sys/tracesys/admit"
)

// traced adds --trace to a command line that supervises something.
func traced(words []string, file string) []string {
	if len(words) > 0 && words[0] == "chaos" {
		return words // what it supervises is a gosv, which it has recorded itself
	}
	if !slices.Contains(words, "--config") && !slices.Contains(words, "--run") || slices.Contains(words, "--trace") {
		return words
	}
	return append(words, "--trace", file)
}

// admitted holds the fake kernel to what the real one answered in a run: it must
// be able to answer the same.
func admitted(t *testing.T, name string) {
	t.Helper()
	file, err := os.Open(name)
	if os.IsNotExist(err) {
		return
	}
	require.NoError(t, err)
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() == 0 {
		return // gosv was killed before it had anything to say
	}
	trace, err := tracesys.Read(file)
	if !assert.NoError(t, err) {
		return
	}
	began := time.Now()
	err = admit.Check(trace)
	assert.NoError(t, err)
	if keep := os.Getenv("GOSV_KEEP_TRACES"); keep != "" {
		text, _ := os.ReadFile(name)
		kept := strings.ReplaceAll(t.Name(), "/", "_") + map[bool]string{true: ".refused", false: ""}[err != nil] + ".trace"
		assert.NoError(t, os.WriteFile(filepath.Join(keep, kept), text, 0o600))
	}
	t.Logf("%d calls checked in %v", len(trace.Calls), time.Since(began))
}
