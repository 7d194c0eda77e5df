package arch

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// longest is how many lines a function may have: more do not fit a screen.
const longest = 70

// tooLong are functions that are longer. The list only shrinks.
var tooLong = []string{
	"cgroupfs/errno_test.go TestEveryErrno",
	"cgroupfs/stale_test.go TestFindStaleInstancesChecksNameLockAndShape",
	"supervisor/lifecycle/table_test.go TestScenarios",
}

// longFunctions finds the functions of a file that are too long, as FILE NAME.
func longFunctions(s source) (found []string) {
	for _, decl := range s.tree.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
		if lines > longest {
			found = append(found, s.path+" "+f.Name.Name)
		}
	}
	return found
}

func TestFunctionsFitAScreen(t *testing.T) {
	var found []string
	for _, s := range sources(t) {
		found = append(found, longFunctions(s)...)
	}
	for _, f := range found {
		if !slices.Contains(tooLong, f) {
			t.Errorf("%s has more than %d lines: split it, or make a table of what it lists", f, longest)
		}
	}
	for _, f := range tooLong {
		if !slices.Contains(found, f) {
			t.Errorf("%s is not too long any more: delete it from the list tooLong in internal/arch/size_test.go", f)
		}
	}
}

func TestALongFunctionIsFound(t *testing.T) {
	body := func(lines int) source {
		return parse(t, "x.go", "package p\nfunc f() {"+strings.Repeat("\n", lines-1)+"}\n")
	}
	assert.Equal(t, []string{"x.go f"}, longFunctions(body(longest+1)))
	assert.Empty(t, longFunctions(body(longest)))
}

// documented reports whether a file explains its package.
func documented(s source) bool { return s.tree.Doc.Text() != "" }

func TestEachPackageExplainsItself(t *testing.T) {
	explained := map[string]bool{}
	for _, s := range sources(t) {
		if !s.isTest() {
			explained[s.dir()] = explained[s.dir()] || documented(s)
		}
	}
	for dir, is := range explained {
		assert.True(t, is, fmt.Sprintf("%s has no package comment: write a doc.go that says what it is for and where to begin reading", path.Clean(dir)))
	}
}

func TestAPackageCommentIsFound(t *testing.T) {
	assert.True(t, documented(parse(t, "x.go", "// Package p is x.\npackage p\n")))
	assert.False(t, documented(parse(t, "x.go", "// A licence.\n\npackage p\n")))
}
