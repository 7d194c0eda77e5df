package integration

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/sys/tracesys"
	"github.com/gosv/gosv/sys/tracesys/admit"
)

// traced adds --trace to a command line that supervises something.
func traced(words []string, file string) []string {
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
	trace, err := tracesys.Read(file)
	if !assert.NoError(t, err) {
		return
	}
	if err := admit.Check(trace); err != nil {
		text, _ := os.ReadFile(name)
		t.Errorf("%v", err)
		if keep := os.Getenv("GOSV_TEST_KEEP"); keep != "" {
			_ = os.WriteFile(keep+"/"+strings.ReplaceAll(t.Name(), "/", "_")+".trace", text, 0o600)
		}
		return
	}
	t.Logf("%d calls admitted", len(trace.Calls))
}
