package arch

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// layer is a directory (with all below it that has no row of its own) and its
// height. A package imports only what is lower than itself.
type layer struct {
	height int
	dir    string
	why    string
}

var layers = []layer{
	{0, "internal/english", "grammar: knows nothing"},
	{0, "internal/golden", "compares files: knows nothing"},
	{0, "internal/nearest", "compares words: knows nothing"},
	{0, "internal/signame", "names of signals: knows nothing"},
	{0, "internal/mainthread", "runs code of tests on the main thread: knows nothing"},
	{0, "internal/arch", "reads source, imports none of it"},

	{1, "config", "bytes in, values out"},
	{1, "testproc", "the language of test services: one text for the real and the fake kernel"},
	{2, "supervisor/lifecycle", "what a service does next is a pure function of policy, state and event"},
	{2, "supervisor/instance", "what the processes of an instance are is a pure function of state and event"},

	{3, "sys", "the seam: roles, types, errors"},
	{4, "internal/filestest", "implementations of sys.Files for tests"},

	{4, "procfs", "parses what the Files role reads"},
	{4, "logs", "implements the Sink role"},
	{4, "sys/linux", "the seam on Linux"},
	{4, "sys/tracesys", "decorates either kernel with a record"},
	{4, "sys/systest", "the suite that both kernels pass"},
	{4, "testproc/live", "runs a script as a real process"},
	{4, "fakesys", "the seam in virtual time"},
	{5, "sys/systest/linuxworld", "the real kernel, made ready for the suite"},
	{5, "sys/systest/fakeworld", "the fake kernel, made ready for the suite"},
	{5, "cgroupfs", "needs the mount that procfs found"},

	{6, "supervisor", "the loop over roles: it does not know which kernel it runs on"},
	{0, "sim/timeline", "draws lanes, of whatever: knows nothing"},
	{7, "eventlog", "writes what the supervisor reports"},
	{7, "chaos/faultysup", "supervisors with one deliberate fault"},
	{7, "sim", "the supervisor on the fake kernel, with its invariants"},
	{0, "control/api", "the values of the control API: knows nothing"},
	{1, "control/client", "speaks the control API from outside"},
	{5, "control", "serves the control API: knows the supervisor only as an interface of its own"},
	{8, "control/backend", "what the supervisor publishes, in the API's words"},
	{8, "chaos", "judges a supervisor from outside"},
	{8, "integration", "the supervisor on the real kernel"},
	{0, "bugs", "reads patches: knows nothing of what they are about"},
	{9, "cmd", "wiring"},
	{10, "tools", "a module of its own: benchmarks, searches and differential tests, which users of gosv do not build"},
	{0, "tools/vmrun", "runs a program in a virtual machine: knows nothing of gosv"},
	{0, "tools/vmreport", "renders the output of tests: knows nothing of gosv"},
	{0, "tools/bench", "measures from outside: code shared with gosv could not judge it"},
}

// apart are pairs that heights alone would allow.
var apart = []struct{ dir, never, why string }{
	{"supervisor", "sys/linux", "take the role from package sys: the program that starts the supervisor passes the kernel"},
	{"supervisor", "fakesys", "take the role from package sys: shipping code must not know that it is being tested"},
	{"supervisor", "testproc", "test services are for tests"},
	{"supervisor", "sys/systest", "a conformance suite is for tests"},
	{"supervisor", "logs", "take the Sink role from package sys; cmd chooses where output goes"},
	{"cmd/gosv", "chaos/faultysup", "a program that is shipped has no deliberate faults; cmd/gosv-faulty has them"},
	{"sim", "chaos/faultysup", "deliberate faults are for tests"},
	{"cmd", "fakesys", "the fake kernel is reached through sim"},
}

// layerOf finds the row with the longest directory that holds the package.
func layerOf(dir string) (found layer, ok bool) {
	for _, l := range layers {
		if under(dir, l.dir) && len(l.dir) >= len(found.dir) {
			found, ok = l, true
		}
	}
	return found, ok
}

// badImports says what is wrong with the imports of a file. Tests may import
// from any height, as they bring a package together with its kernels.
func badImports(s source, module string) (wrong []string) {
	own, known := layerOf(s.dir())
	if !known {
		return []string{fmt.Sprintf("%s: the directory %s has no layer; give it a row in internal/arch/layers_test.go", s.path, s.dir())}
	}
	if s.isTest() {
		return nil
	}
	for name, pos := range s.imports() {
		dir, internal := strings.CutPrefix(name, module+"/")
		if !internal {
			continue
		}
		other, known := layerOf(dir)
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%s: imports %s, which has no layer", s.at(pos), dir))
		case other.dir != own.dir && other.height >= own.height:
			wrong = append(wrong, fmt.Sprintf("%s: %s (%s) must not import %s (%s): imports go strictly downwards; declare an interface here, or move the shared part below both",
				s.at(pos), own.dir, own.why, dir, other.why))
		}
		for _, pair := range apart {
			if under(s.dir(), pair.dir) && under(dir, pair.never) {
				wrong = append(wrong, fmt.Sprintf("%s: %s must not import %s: %s", s.at(pos), pair.dir, dir, pair.why))
			}
		}
	}
	slices.Sort(wrong)
	return wrong
}

func TestImportsGoStrictlyDownwards(t *testing.T) {
	module := module(t)
	for _, s := range sources(t) {
		for _, wrong := range badImports(s, module) {
			t.Error(wrong)
		}
	}
}

func TestTheLatticeFindsPlantedImports(t *testing.T) {
	importing := func(file, dir string) []string {
		return badImports(parse(t, file, fmt.Sprintf("package p\nimport _ %q\n", "example.org/m/"+dir)), "example.org/m")
	}
	for _, pair := range apart {
		assert.NotEmpty(t, importing(pair.dir+"/planted.go", pair.never), "%s must not import %s", pair.dir, pair.never)
	}
	for _, l := range layers {
		for _, other := range layers {
			if other.dir != l.dir && other.height >= l.height {
				assert.NotEmpty(t, importing(l.dir+"/planted.go", other.dir), "%s must not import %s", l.dir, other.dir)
			}
		}
	}
	assert.Contains(t, importing("sys/linux/planted.go", "supervisor")[0], "planted.go:2")
	assert.NotEmpty(t, importing("fakesys/planted.go", "procfs"), "a parser's bug must not cancel out")
	assert.NotEmpty(t, importing("nowhere/planted.go", "sys"), "a directory without a layer")
	assert.NotEmpty(t, importing("cmd/planted.go", "nowhere"), "an import without a layer")
	assert.Empty(t, importing("supervisor/innocent.go", "cgroupfs"))
	assert.Empty(t, importing("cmd/gosv/innocent.go", "sys/linux"))
	assert.Empty(t, importing("supervisor/innocent_test.go", "fakesys"), "tests bring a package and its kernels together")
}
