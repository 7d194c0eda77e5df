package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReportKeepsTheRunThatWasNotSkipped(t *testing.T) {
	dir := t.TempDir()
	write := func(kernel, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, kernel+".txt"), []byte(text), 0o600))
	}
	write("6.1", "=== RUN   TestCPUWeightDivides\n    cpu_test.go:33: needs one-cpu: more than one CPU\n--- SKIP: TestCPUWeightDivides (0.01s)\n"+
		"=== RUN   TestCPUWeightDivides\n    cpu_test.go:40: figure: 3.0 to 1\n--- PASS: TestCPUWeightDivides (11.47s)\n")
	write("5.10", "=== RUN   TestDumpOnEveryKernel\r\n--- FAIL: TestDumpOnEveryKernel (0.44s)\r\n")
	write("latest", "")
	r, err := load(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"5.10", "6.1", "latest"}, r.kernels)
	var page strings.Builder
	r.write(&page)
	assert.Contains(t, page.String(), "| CPU weight divides | not run | passes | not run |\n")
	assert.Contains(t, page.String(), "| Dump on every kernel | **fails** | not run | not run |\n")
	assert.Contains(t, page.String(), "| 6.1 | 3.0 to 1 |\n")
}
