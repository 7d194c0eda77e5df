// Package bugs is what gosv's proof is proven with: bugs that were planted on
// purpose, each of which the search must find. docs/reference/score.md has the
// figures, and the command score makes them.
//
// A bug is a small patch, DIRECTORY/NAME.patch, with its story on top:
//
//	Story: what is wrong, and what a user would see of it
//	From: real threads (owner/repository#number) where it comes from; may be absent
//	Fires: the invariants that the search must find broken, or the tests, or PACKAGE.TEST
//	Equivalent: why no search can find it; only where that is so
//
// A line that begins with a space goes on with the one before. The directory decides what
// must find it: the tests of the package for fakesys, config and logs, the
// simulator for every other.
//
// A patch has one line of context where that names its place, and more where it does
// not. It is applied with git apply -C1, so it survives edits around it. A change of
// the code that a patch is about mends the patch in the same commit, or removes it if
// another patch teaches the same. A bug that nothing finds is a task for the generator and the checker of
// package sim.
package bugs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Bug is a planted bug.
type Bug struct {
	Name        string // directory and name: "lifecycle/limit-off-by-one"
	Description string
	From        []string // threads
	Fires       []string // invariants or tests
	Equivalent  string
	Files       []string // that it changes, from the root of the repository
	patch       []byte
}

// Catch is what a search found. Broken is empty if it found nothing.
type Catch struct {
	Seeds    int    // of the swarm, with the one that caught it
	Runs     int    // these, and scenarios of the library
	Steps    int    // of the fake kernel
	CaughtBy string // the run
	Broken   string // the violation

	Spent      time.Duration // of processor time until then
	Operations int           // of the run when it was made simpler; 0: that was not tried
}

// Load reads every bug below a directory, in the order of their names.
func Load(dir string) ([]Bug, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.patch"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var all []Bug
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		b := Bug{Name: filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".patch"), patch: text}
		if err := b.parse(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, b)
	}
	return all, nil
}

// parse reads the story and the names of the files.
func (b *Bug) parse(text string) error {
	head, diff, ok := strings.Cut(text, "\n--- a/")
	if !ok {
		return fmt.Errorf(`there is no line "--- a/FILE": the story comes first, then a unified diff`)
	}
	for _, hunk := range strings.Split("\n"+diff, "\n--- a/") {
		name, _, _ := strings.Cut(strings.TrimPrefix(hunk, "\n"), "\n")
		b.Files = append(b.Files, name)
	}
	for _, line := range strings.Split(strings.ReplaceAll(head, "\n ", " "), "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "Story":
			b.Description = value
		case "From":
			b.From = strings.Split(value, ", ")
		case "Fires":
			b.Fires = strings.Split(value, ", ")
		case "Equivalent":
			b.Equivalent = value
		default:
			return fmt.Errorf("%q begins no line of a story: there are Story, From, Fires and Equivalent", line)
		}
	}
	if b.Description == "" || (len(b.Fires) == 0) == (b.Equivalent == "") {
		return fmt.Errorf("a story has Story, and one of Fires and Equivalent")
	}
	return nil
}

// Directory is the first part of the name.
func (b Bug) Dir() string { return filepath.Dir(b.Name) }

// Tests gives the package whose tests look for it, and which of them: all, in their
// order, of what the simulator does not play; one, which its story names as PACKAGE.TEST,
// if no play brings it out; else the package is "", and the simulator looks.
func (b Bug) Tests() (dir string, patterns []string) {
	if slices.Contains([]string{"fakesys", "config", "logs"}, b.Dir()) {
		return b.Dir(), []string{"^TestConformance", "."} // first those that the real kernel passes, too
	}
	if len(b.Fires) > 0 {
		if dir, test, named := strings.Cut(b.Fires[0], ".Test"); named {
			return dir, []string{"^Test" + test + "$"}
		}
	}
	return "", nil
}

// Canary reads the bug that the search cannot miss. If it does, the alarm is broken.
func Canary(dir string) (Bug, error) {
	text, err := os.ReadFile(filepath.Join(dir, "canary.patch"))
	if err != nil {
		return Bug{}, err
	}
	b := Bug{Name: "lifecycle/canary", patch: text}
	return b, b.parse(string(text))
}

// Invariants reads the numbers of the invariants from their page.
func Invariants(page string) (numbers []string, err error) {
	text, err := os.ReadFile(page)
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(string(text), -1) {
		numbers = append(numbers, m[1])
	}
	return numbers, err
}
