// Command vmreport renders what the tests of integration/vm printed in virtual
// machines as docs/reference/kernels.md.
//
//	vmreport DIR >docs/reference/kernels.md
//
// DIR holds one file KERNEL.txt per kernel, the output of go test -v.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// outcome is how a test ended with one kernel.
type outcome struct {
	word    string // PASS, FAIL, SKIP
	figures []string
}

// report is the outcome of each test with each kernel.
type report struct {
	kernels []string
	tests   []string
	cells   map[string]map[string]outcome // test, kernel
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vmreport DIR")
		os.Exit(2)
	}
	r, err := load(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "vmreport:", err)
		os.Exit(1)
	}
	r.write(os.Stdout)
}

func load(dir string) (*report, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("cannot find KERNEL.txt in %s; run make test-vm first", dir)
	}
	r := &report{cells: map[string]map[string]outcome{}}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		kernel := strings.TrimSuffix(filepath.Base(name), ".txt")
		r.kernels = append(r.kernels, kernel)
		r.add(kernel, string(text))
	}
	slices.SortFunc(r.kernels, byVersion)
	slices.Sort(r.tests)
	return r, nil
}

// byVersion compares 5.10 and 6.1 by their numbers; names follow numbers.
func byVersion(a, b string) int {
	var major, minor [2]int
	for i, name := range []string{a, b} {
		if n, _ := fmt.Sscanf(name, "%d.%d", &major[i], &minor[i]); n < 2 {
			major[i] = 1 << 20
		}
	}
	if major[0] != major[1] {
		return major[0] - major[1]
	}
	if minor[0] != minor[1] {
		return minor[0] - minor[1]
	}
	return strings.Compare(a, b)
}

var (
	runLine    = regexp.MustCompile(`^=== RUN\s+(Test\w+)`)
	figureLine = regexp.MustCompile(`^\s+\w+_test\.go:\d+: figure: (.*)`)
	endLine    = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (Test\w+)`)
)

// add reads the output of one kernel. A test that ran twice, with two and with one
// CPU, counts by the run that was not skipped.
func (r *report) add(kernel, text string) {
	figures := map[string][]string{}
	running := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := runLine.FindStringSubmatch(line); m != nil {
			running = m[1]
		} else if m := figureLine.FindStringSubmatch(line); m != nil {
			figures[running] = append(figures[running], m[1])
		} else if m := endLine.FindStringSubmatch(line); m != nil {
			r.set(m[2], kernel, outcome{m[1], figures[m[2]]})
		}
	}
}

func (r *report) set(test, kernel string, o outcome) {
	if r.cells[test] == nil {
		r.cells[test] = map[string]outcome{}
		r.tests = append(r.tests, test)
	}
	if old, ok := r.cells[test][kernel]; !ok || old.word == "SKIP" || o.word == "FAIL" {
		r.cells[test][kernel] = o
	}
}

var words = map[string]string{"PASS": "passes", "FAIL": "**fails**", "SKIP": "skipped", "": "not run"}

func (r *report) write(w io.Writer) {
	fmt.Fprint(w, `# Kernels

What the tests of integration/vm found in virtual machines with Debian's kernels, by
`+"`make test-vm WRITE=docs/reference/kernels.md`"+`, which writes this page. "latest" is the newest
kernel of Debian's backports. The machines are emulated: the figures show that a limit
holds, not how fast a machine is.

`)
	fmt.Fprintf(w, "| test | %s |\n|---%s|\n", strings.Join(r.kernels, " | "), strings.Repeat("|---", len(r.kernels)))
	for _, test := range r.tests {
		row := "| " + sentence(test)
		for _, kernel := range r.kernels {
			row += " | " + words[r.cells[test][kernel].word]
		}
		fmt.Fprintln(w, row+" |")
	}
	fmt.Fprint(w, "\n## Figures\n\n| kernel | measured |\n|---|---|\n")
	for _, kernel := range r.kernels {
		for _, test := range r.tests {
			for _, figure := range r.cells[test][kernel].figures {
				fmt.Fprintf(w, "| %s | %s |\n", kernel, figure)
			}
		}
	}
}

var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)

// sentence makes "CPU limit throttles" of TestCPULimitThrottles.
func sentence(test string) string {
	all := strings.Fields(wordStart.ReplaceAllString(strings.TrimPrefix(test, "Test"), "$1 $2"))
	for i, word := range all {
		switch {
		case strings.HasPrefix(word, "CPU"):
			all[i] = strings.TrimSpace("CPU " + strings.ToLower(strings.TrimPrefix(word, "CPU")))
		case i > 0:
			all[i] = strings.ToLower(word)
		}
	}
	return strings.Join(all, " ")
}
