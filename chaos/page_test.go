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

func TestDocumentationListsEveryFault(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/chaos.md")
	require.NoError(t, err)
	for _, name := range chaos.FaultNames() {
		f := chaos.Catalogue[name]
		row := fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, f.Description, strings.Join(f.Args, " "), f.Requires)
		assert.True(t, strings.Contains(string(page), row), "write it into docs/reference/chaos.md:\n%s", row)
	}
}

func TestPlanInTheDocumentationIsValid(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/chaos.md")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(page), "    {\"version\"")
	require.True(t, found)
	text, _, found = strings.Cut(text, "]}")
	require.True(t, found)
	p, err := chaos.Decode([]byte("{\"version\""+text+"]}"), []string{"web"})
	require.NoError(t, err)
	require.Len(t, p.Faults, 2)
	assert.True(t, chaos.Catalogue[p.Faults[1].Fault].TargetsSupervisor)
}
