package chaos_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/chaos"
)

// The page of gosv chaos has a row for every fault, in these words.
func TestThePageNamesEveryFault(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/chaos.md")
	require.NoError(t, err)
	for _, name := range chaos.FaultNames() {
		f := chaos.Catalogue[name]
		row := fmt.Sprintf("| `%s` | %s | %s |\n", name, f.Story, f.Needs)
		assert.True(t, strings.Contains(string(page), row), "write it into docs/reference/chaos.md:\n%s", row)
	}
}
