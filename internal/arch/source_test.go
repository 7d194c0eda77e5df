package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// source is one parsed Go file.
type source struct {
	path string // from the repository's root, with slashes
	set  *token.FileSet
	tree *ast.File
}

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// within reports whether the file lies in one of the directories or below.
func (s source) within(dirs []string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return under(s.dir(), dir) })
}

func under(dir, parent string) bool {
	return dir == parent || strings.HasPrefix(dir, parent+"/")
}

func (s source) at(pos token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.set.Position(pos).Line)
}

func parse(t *testing.T, path, text string) source {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, text, parser.SkipObjectResolution|parser.ParseComments)
	require.NoError(t, err)
	return source{path, set, tree}
}

// sources are all Go files of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, file := range files(t) {
		if path.Ext(file.path) == ".go" {
			all = append(all, parse(t, file.path, file.text))
		}
	}
	require.Greater(t, len(all), 20, "the walk must have met the module")
	return all
}

// text is any file of the repository that is meant for reading.
type text struct{ path, text string }

// files walks the repository and leaves out what git does not keep.
func files(t *testing.T) []text {
	t.Helper()
	var all []text
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		short, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		short = filepath.ToSlash(short)
		switch {
		case entry.IsDir() && (short == ".git" || short == "bin" || path.Base(short) == "testdata"):
			return fs.SkipDir
		case !entry.Type().IsRegular() || short == ".git": // a file in a work tree of git's
			return nil
		}
		data, err := os.ReadFile(name)
		if err == nil && !slices.Contains(data, 0) {
			all = append(all, text{short, string(data)})
		}
		return err
	})
	require.NoError(t, err)
	return all
}

// module is the module's path, from go.mod.
func module(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(data), "\n")
	name, found := strings.CutPrefix(first, "module ")
	require.True(t, found, "go.mod must begin with its module line")
	return name
}

// imports gives the paths that the file imports, with their places.
func (s source) imports() map[string]token.Pos {
	found := map[string]token.Pos{}
	for _, spec := range s.tree.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			found[name] = spec.Pos()
		}
	}
	return found
}

// uses gives the places where the file uses pkg.name, whatever the import is
// called there.
func (s source) uses(pkg, name string) []token.Pos {
	local := ""
	for _, spec := range s.tree.Imports {
		if spec.Path.Value != strconv.Quote(pkg) {
			continue
		}
		if local = path.Base(pkg); spec.Name != nil {
			local = spec.Name.Name
		}
	}
	var places []token.Pos
	ast.Inspect(s.tree, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok && local != "" && selector.Sel.Name == name {
			if qualifier, ok := selector.X.(*ast.Ident); ok && qualifier.Name == local {
				places = append(places, selector.Pos())
			}
		}
		return true
	})
	return places
}
