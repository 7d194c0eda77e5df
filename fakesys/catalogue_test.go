package fakesys_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/golden"
)

func TestCatalogueEntriesAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for i, row := range fakesys.Catalogue {
		assert.NotEmpty(t, row.Name, "row %d", i)
		assert.False(t, seen[row.Name], "two rows are called %s", row.Name)
		seen[row.Name] = true
		assert.True(t, strings.HasSuffix(row.Description, "."), "%s: the description consists of sentences", row.Name)
		assert.NotEmpty(t, row.How, row.Name)
		assert.NotEmpty(t, row.Coverage, row.Name)
		for _, c := range row.Calls {
			assert.NotEmpty(t, c.Errnos, "%s: %v %s", row.Name, c.Op, c.Target)
		}
	}
}

// sources returns all Go text of a directory of this repository.
func sources(t *testing.T, dir string) string {
	files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "there is no directory %s", dir)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

func TestCatalogueNamesExistingTests(t *testing.T) {
	text := map[string]string{}
	for _, row := range fakesys.Catalogue {
		for _, name := range row.Real {
			dir, want := "sys/systest", ""
			if title, ok := strings.CutPrefix(name, "systest: "); ok {
				want = fmt.Sprintf("%q", title)
			} else if pkg, test, ok := strings.Cut(name, "."); ok {
				dir, want = pkg, "func "+test+"("
			}
			require.NotEmpty(t, want, "%s: %q is neither systest: CASE nor PACKAGE.TEST", row.Name, name)
			if text[dir] == "" {
				text[dir] = sources(t, dir)
			}
			assert.Contains(t, text[dir], want, "%s names a test that does not exist", row.Name)
		}
	}
}

const page = "../docs/reference/faults.md"

func TestFaultsPageIsGenerated(t *testing.T) {
	var b strings.Builder
	real, swarm := 0, 0
	for _, row := range fakesys.Catalogue {
		if len(row.Real) > 0 {
			real++
		}
		if row.Coverage == fakesys.Swarm {
			swarm++
		}
	}
	fmt.Fprintf(&b, `# Faults of Linux that gosv is tested with

The random runs of package sim inject %d of these %d faults (coverage: swarm), and its sweeps inject some others. The fake kernel
counts a fault whenever it happens, whatever the cause. A long swarm that misses one of its faults fails
(`+"`make swarm SEEDS=20000`"+`). %d faults also have tests on a real kernel.

*below sys*: the implementation of package sys handles the fault, and its caller cannot see it. *machine*: the fault needs a real
kernel in a virtual machine. *later*: the feature that it concerns does not exist yet.

This page is generated from fakesys/catalogue_rows.go: go test ./fakesys -update.

| name | what happens, and what must hold | coverage | how the fake injects it | tests on a real kernel |
|---|---|---|---|---|
`, swarm, len(fakesys.Catalogue), real)
	for _, row := range fakesys.Catalogue {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.Name, row.Description, row.Coverage, row.How, strings.Join(row.Real, "<br>"))
	}
	golden.Equal(t, page, b.String())
}
