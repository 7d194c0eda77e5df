package control_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/control"
)

var update = flag.Bool("update", false, "write the reference of errors anew")

// The page lists every code of the table.
func TestErrorReferenceIsFresh(t *testing.T) {
	const page, begin, end = "../docs/reference/errors.md", "<!-- codes: go test ./control -update -->\n", "<!-- end -->"
	old, err := os.ReadFile(page)
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(old), begin)
	require.True(t, found)
	_, tail, found := strings.Cut(rest, end)
	require.True(t, found)
	fresh := head + begin + control.ErrorTable() + end + tail
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(fresh), 0o644))
		return
	}
	assert.Equal(t, fresh, string(old), "run: go test ./control -update")
}

// Every constant of type Code has a row in the table, and with it on the page.
func TestEveryCodeHasARow(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "problems.go", nil, 0)
	require.NoError(t, err)
	codes := 0
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Code" {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			assert.Contains(t, control.ErrorTable(), "| `"+code+"` |")
			codes++
		}
		return true
	})
	assert.Greater(t, codes, 20)
}
