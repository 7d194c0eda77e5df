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
)

func TestEveryRowOfTheCatalogueIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for i, row := range fakesys.Catalogue {
		assert.NotEmpty(t, row.Name, "row %d", i)
		assert.False(t, seen[row.Name], "two rows are called %s", row.Name)
		seen[row.Name] = true
		assert.True(t, strings.HasSuffix(row.Story, "."), "%s: the story is sentences", row.Name)
		assert.NotEmpty(t, row.How, row.Name)
		assert.NotEmpty(t, row.Where, row.Name)
		for _, c := range row.Calls {
			assert.NotEmpty(t, c.Errnos, "%s: %v %s", row.Name, c.Op, c.Target)
		}
	}
}

// sources is all Go text of a directory of this repository.
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

// A row names its tests on the real kernel, and these exist.
func TestTheTestsThatTheCatalogueNamesExist(t *testing.T) {
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
			assert.Contains(t, text[dir], want, "%s names a test that is not there", row.Name)
		}
	}
}

const page = "../docs/reference/faults.md"

// The page of the catalogue is written from the table: GOSV_UPDATE=1 writes it
// anew.
func TestThePageOfFaultsIsTheCatalogue(t *testing.T) {
	var b strings.Builder
	real, swarm := 0, 0
	for _, row := range fakesys.Catalogue {
		if len(row.Real) > 0 {
			real++
		}
		if row.Where == fakesys.Swarm {
			swarm++
		}
	}
	fmt.Fprintf(&b, `# What Linux does to a supervisor

Each row is a fault that gosv is tried with: %d of %d by the random runs of package sim (where: swarm), some others by its
sweeps. The fake kernel counts a row whenever it happens, by whatever cause, and a long swarm that never met one fails
(`+"`make swarm SEEDS=20000`"+`). %d rows have tests on the real kernel too.

*below sys*: an implementation of the seam deals with it, and a caller sees nothing of it. *machine*: it needs a kernel of
its own. *later*: what it concerns does not exist yet.

This page is written from the table in fakesys/catalogue_rows.go, by GOSV_UPDATE=1 go test ./fakesys.

| name | what happens, and what must hold | where | how the fake does it | on the real kernel |
|---|---|---|---|---|
`, swarm, len(fakesys.Catalogue), real)
	for _, row := range fakesys.Catalogue {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.Name, row.Story, row.Where, row.How, strings.Join(row.Real, "<br>"))
	}
	if os.Getenv("GOSV_UPDATE") != "" {
		require.NoError(t, os.WriteFile(page, []byte(b.String()), 0o644))
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(text), "%s is stale: run GOSV_UPDATE=1 go test ./fakesys", page)
}
