package arch

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(data)
}

var (
	link       = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	makeTarget = regexp.MustCompile("(?m)(?:^ *|`|&& )make ([a-z]+)\\b")
	goRun      = regexp.MustCompile(`go run (\./\S+)`)
	example    = regexp.MustCompile(`\bexamples/[\w./-]*\w`)
)

// named are the things that a page promises: each must exist.
func named(pattern *regexp.Regexp, text string) (found []string) {
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		found = append(found, match[len(match)-1])
	}
	return found
}

func pages(t *testing.T) (all []text) {
	for _, file := range files(t) {
		if path.Ext(file.path) == ".md" {
			all = append(all, file)
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestLinksBetweenPagesLeadSomewhere(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, target := range named(link, page.text) {
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			links++
			assert.FileExistsf(t, filepath.Join(root, path.Dir(page.path), target), "%s links to %s", page.path, target)
		}
	}
	assert.Greater(t, links, 5, "the pattern must have met README's map")
}

func TestNamedMakeTargetsExist(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, page := range pages(t) {
		for _, target := range named(makeTarget, page.text) {
			assert.Regexpf(t, `(?m)^`+target+`:`, makefile, "%s says make %s", page.path, target)
		}
	}
}

func TestNamedProgramsAndExamplesExist(t *testing.T) {
	for _, page := range pages(t) {
		for _, name := range append(named(goRun, page.text), named(example, page.text)...) {
			_, err := os.Stat(filepath.Join(root, name))
			assert.NoErrorf(t, err, "%s names %s", page.path, name)
		}
	}
}

func TestReadmeHasTheTwoCommands(t *testing.T) {
	readme := read(t, "README.md")
	assert.Contains(t, named(goRun, readme), "./cmd/gosv", "the command that runs the main job")
	assert.Contains(t, named(makeTarget, readme), "test", "the command that passes the tests")
	assert.Contains(t, read(t, ".ci/run"), "make test", "CI runs the command that README names")
}

// TestEveryPageIsInTheIndex: a page that nothing leads to is not read.
func TestEveryPageIsInTheIndex(t *testing.T) {
	index := named(link, read(t, "docs/README.md"))
	for _, page := range pages(t) {
		if inside, found := strings.CutPrefix(page.path, "docs/"); found && inside != "README.md" {
			assert.Contains(t, index, inside, "docs/README.md must link to it")
		}
	}
}

func TestWhatAPageNamesIsFound(t *testing.T) {
	page := "    make test\nRun `make lint` or cd x && make race; make sure\n[a](docs/b.md#c) `go run ./cmd/gosv` examples/server.py."
	assert.Equal(t, []string{"test", "lint", "race"}, named(makeTarget, page))
	assert.Equal(t, []string{"docs/b.md"}, named(link, page))
	assert.Equal(t, []string{"examples/server.py"}, named(example, page))
}
