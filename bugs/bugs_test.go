package bugs

import (
	"encoding/json"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = ".."

func load(t *testing.T) []Bug {
	all, err := Load(".")
	require.NoError(t, err)
	canary, err := Canary(".")
	require.NoError(t, err)
	return append(all, canary)
}

var thread = regexp.MustCompile(`^[\w.-]+/[\w.-]+#[1-9]\d*$`)

func TestThereAreEnoughBugs(t *testing.T) {
	kernels, supervisors := 0, 0
	threads := map[string]bool{}
	for _, b := range load(t) {
		switch {
		case b.Equivalent != "":
		case b.Dir() == "fakesys":
			kernels++
		default:
			supervisors++
		}
		for _, from := range b.From {
			assert.Regexp(t, thread, from, b.Name)
			threads[from] = true
		}
	}
	assert.GreaterOrEqual(t, supervisors, 60)
	assert.GreaterOrEqual(t, kernels, 20)
	assert.GreaterOrEqual(t, len(threads), 25)
}

// TestEachInvariantHasItsBug: what nothing is said to break is unproven. Whether it
// is broken indeed, the score shows.
func TestEachInvariantHasItsBug(t *testing.T) {
	numbers, err := Invariants(root + "/docs/reference/invariants.md")
	require.NoError(t, err)
	fired := map[string]bool{}
	for _, b := range load(t) {
		for _, number := range b.Fires {
			fired[number] = true
		}
	}
	for _, number := range numbers {
		assert.True(t, fired[number], "no planted bug fires invariant %s", number)
	}
}

// TestEveryBugAppliesAndCompiles: a change of the code mends the patches that
// are about it.
func TestEveryBugAppliesAndCompiles(t *testing.T) {
	c := newCompiler(t)
	for _, b := range load(t) {
		overlay, err := b.Plant(c.root, t.TempDir())
		if assert.NoError(t, err) {
			assert.NoError(t, c.check(b, overlay), "bugs/%s.patch", b.Name)
		}
	}
}

func TestWhatIsNoBugIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"Story: x\nFires: 1\n":                   "there is no line",
		"Story: x\nFire: 1\n--- a/f\n+++ b/f\n":  `"Fire: 1" begins no line of a story`,
		"Fires: 1\n--- a/f\n+++ b/f\n":           "a story has Story",
		"Story: x\n--- a/f\n+++ b/f\n":           "one of Fires and Equivalent",
		"Story: x\nFires: 1\n--- a/go.mod\nno\n": "does not apply any more",
	} {
		b := Bug{Name: "x/y", patch: []byte(text)}
		err := b.parse(text)
		if err == nil {
			_, err = b.Plant(root, t.TempDir())
		}
		assert.ErrorContains(t, err, want)
	}
}

// compiler checks types as the compiler does, without making a program: what has
// not changed is read from the compiler's cache.
type compiler struct {
	root    string
	files   *token.FileSet
	imports types.Importer
	parsed  map[string]*ast.File
}

func newCompiler(t *testing.T) *compiler {
	abs, err := filepath.Abs(root)
	require.NoError(t, err)
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./supervisor", "./fakesys", "./logs")
	list.Dir = abs
	out, err := list.Output()
	require.NoError(t, err)
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		exports[name] = file
	}
	c := &compiler{root: abs, files: token.NewFileSet(), parsed: map[string]*ast.File{}}
	c.imports = importer.ForCompiler(c.files, "gc", func(name string) (io.ReadCloser, error) { return os.Open(exports[name]) })
	return c
}

// check compiles the packages that the bug changes.
func (c *compiler) check(b Bug, overlay string) error {
	text, err := os.ReadFile(overlay)
	if err != nil {
		return err
	}
	var o struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &o); err != nil {
		return err
	}
	dirs := map[string]bool{}
	for _, name := range b.Files {
		dirs[filepath.Dir(filepath.Join(c.root, name))] = true
	}
	for dir := range dirs {
		if err := c.compile(dir, o.Replace); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) compile(dir string, replace map[string]string) error {
	pkg, err := build.ImportDir(dir, 0)
	if err != nil {
		return err
	}
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		file := filepath.Join(dir, name)
		if planted, ok := replace[file]; ok {
			file = planted
		}
		if c.parsed[file] == nil {
			if c.parsed[file], err = parser.ParseFile(c.files, file, nil, parser.SkipObjectResolution); err != nil {
				return err
			}
		}
		files = append(files, c.parsed[file])
	}
	_, err = (&types.Config{Importer: c.imports}).Check(pkg.Name, c.files, files, nil)
	return err
}
