package arch

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wordRule forbids something in files of any kind.
type wordRule struct {
	what, why, instead string
	pattern            *regexp.Regexp
	planted, innocent  string
}

// The patterns are written so that they do not find themselves.
var wordRules = []wordRule{
	{
		what: "a path of somebody's machine", why: "it means nothing anywhere else",
		instead: "name it from the repository's root, or make it an argument",
		pattern: regexp.MustCompile(`(^|[\s"'(=` + "`" + `])/(work|root|Users)/`),
		planted: "see /" + "work/notes.txt", innocent: "/proc/1/root/etc and ./work/notes",
	},
	{
		what: "a note of unfinished work", why: "nobody comes back for it",
		instead: "do it now, or say in the documentation what is not there",
		pattern: regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`),
		planted: "// TO" + "DO: later", innocent: "mktemp gosv.XXXXXX",
	},
	{
		what: "the address of a package registry", why: "where modules come from is the choice of the person who builds",
		instead: "leave it to go env GOPROXY",
		pattern: regexp.MustCompile(`proxy\.` + `golang\.org|goproxy\.` + `(io|cn)`),
		planted: "GOPROXY=https://proxy." + "golang.org", innocent: "GOPROXY is yours",
	},
}

func (r wordRule) broken(file text) (wrong []string) {
	for i, line := range strings.Split(file.text, "\n") {
		if found := r.pattern.FindString(line); found != "" {
			wrong = append(wrong, fmt.Sprintf("%s:%d: %q is %s: %s. Instead, %s.", file.path, i+1, found, r.what, r.why, r.instead))
		}
	}
	return wrong
}

func TestNoFileContainsWhatDoesNotBelong(t *testing.T) {
	for _, file := range files(t) {
		for _, r := range wordRules {
			for _, wrong := range r.broken(file) {
				t.Error(wrong)
			}
		}
	}
}

func TestEachWordRuleFindsItsPlantedViolation(t *testing.T) {
	for _, r := range wordRules {
		assert.Len(t, r.broken(text{"planted", "a line\n" + r.planted + "\n"}), 1, r.what)
		assert.Empty(t, r.broken(text{"innocent", r.innocent + "\n"}), r.what)
	}
}

// strayModulePaths finds the module's path where it does not belong: a person who
// forks or moves the module changes go.mod, and imports follow by a tool.
func strayModulePaths(file text, module string) (wrong []string) {
	importLine := regexp.MustCompile(`^\s*(import\s+)?([\w.]+\s+)?"` + regexp.QuoteMeta(module) + `(/[\w/.-]*)?"$`)
	for i, line := range strings.Split(file.text, "\n") {
		switch {
		case !strings.Contains(line, module):
		case path.Base(file.path) == "go.mod": // module, and the requirement of the nested module
		case path.Ext(file.path) == ".go" && importLine.MatchString(line):
		case file.path == "README.md" && strings.TrimSpace(line) == installLine(module):
		case path.Dir(file.path) == "docs/how-to" && strings.HasSuffix(line, installLine(module)): // a CI job that is copied as it stands
		default:
			wrong = append(wrong, fmt.Sprintf("%s:%d: the module's path belongs in go.mod, in imports and in the install lines of README and docs/how-to only; write a path from the repository's root instead", file.path, i+1))
		}
	}
	return wrong
}

func installLine(module string) string { return "go install " + module + "/cmd/gosv@latest" }

func TestTheModulePathStandsOnlyWhereItMust(t *testing.T) {
	module := module(t)
	for _, file := range files(t) {
		for _, wrong := range strayModulePaths(file, module) {
			t.Error(wrong)
		}
	}
}

func TestAStrayModulePathIsFound(t *testing.T) {
	const module = "example.org/m"
	for file, line := range map[string]string{
		"a.go":             `// see example.org/m/sys`,
		"b.go":             `const path = "example.org/m/sys"`,
		"docs/a.md":        `go install example.org/m/cmd/gosv@latest`,
		"docs/how-to/a.md": `see example.org/m`,
		"README.md":        `go get example.org/m`,
		"a.json":           `{"$id": "https://example.org/m/schema.json"}`,
	} {
		assert.Len(t, strayModulePaths(text{file, line + "\n"}, module), 1, "%s: %s", file, line)
	}
	for file, line := range map[string]string{
		"a.go":             `	. "example.org/m/sys"`,
		"b.go":             `import "example.org/m"`,
		"docs/how-to/a.md": `    - go install example.org/m/cmd/gosv@latest`,
		"README.md":        `    go install example.org/m/cmd/gosv@latest`,
		"tools/go.mod":     `module example.org/m/tools`,
	} {
		assert.Empty(t, strayModulePaths(text{file, line + "\n"}, module), "%s: %s", file, line)
	}
}

func TestReadmeNamesTheModuleOfGoMod(t *testing.T) {
	require.Contains(t, read(t, "README.md"), installLine(module(t)), "README.md needs the install line that matches go.mod")
}
