package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gosv/gosv/bugs"
)

// row is how one bug was found.
type row struct {
	bugs.Catch
	bug bugs.Bug
	cpu time.Duration
}

var invariant = regexp.MustCompile(`invariant (\d+) `)

// fired is the number of the invariant, or the name of the test.
func (r row) fired() string {
	if m := invariant.FindStringSubmatch(r.Broken); m != nil {
		return m[1]
	}
	return r.Broken
}

// expected reports whether that is what the bug's story says.
func (r row) expected() bool {
	return slices.ContainsFunc(r.bug.Fires, func(want string) bool {
		if _, test, named := strings.Cut(want, ".Test"); named {
			want = "Test" + test
		}
		return want == r.fired() || strings.Contains(r.fired(), want) && len(want) > 2
	})
}

// catcher is what had to be played until it was found.
func (r row) catcher() string {
	switch {
	case r.Broken == "":
		return "not found"
	case strings.HasPrefix(r.CaughtBy, "library"):
		return r.CaughtBy
	case r.Seeds > 0:
		return fmt.Sprintf("%d seeds", r.Seeds)
	}
	return "tests"
}

func (r row) String() string {
	note := ""
	if r.Broken != "" && !r.expected() {
		note = fmt.Sprintf(" (not %s: %s)", strings.Join(r.bug.Fires, ", "), firstLine(r.Broken))
	}
	if r.Operations > 0 {
		note += fmt.Sprintf(" (%d operations)", r.Operations)
	}
	return fmt.Sprintf("%-50s %8.2f s  %-20s %s%s", r.bug.Name, r.cpu.Seconds(), r.catcher(), r.fired(), note)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// table is the rows in the order of the names.
type table []row

// summary is what the goals are about.
func (t table) summary() string {
	if len(t) == 0 {
		return "no bug was scored\n"
	}
	var all time.Duration
	var times []time.Duration
	found, quick := 0, 0
	for _, r := range t {
		all += r.cpu
		times = append(times, r.cpu)
		if r.Broken != "" {
			found++
			if r.cpu <= 10*time.Second {
				quick++
			}
		}
	}
	slices.Sort(times)
	return t.shrunk() + fmt.Sprintf("%d bugs, %d found, %d of them within 10 s (%d %%); median %.2f s, the longest %.2f s, all %.0f s of processor time\n",
		len(t), found, quick, 100*quick/len(t), times[len(times)/2].Seconds(), times[len(times)-1].Seconds(), all.Seconds())
}

// shrunk is how much a person has to think of who reads the failures.
func (t table) shrunk() string {
	var all []int
	for _, r := range t {
		if r.Operations > 0 {
			all = append(all, r.Operations)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return fmt.Sprintf("failures are shrunk to a median of %d operations (services, actions and choices), at most %d\n", all[len(all)/2], all[len(all)-1])
}

// survivors is an error if a bug was not found.
func (t table) survivors() error {
	var names []string
	for _, r := range t {
		if r.Broken == "" {
			names = append(names, r.bug.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%d bugs survive: %s; let the generator of package sim make what brings them out, or its checker see them", len(names), strings.Join(names, ", "))
}

// begin and end stand around the table in the page.
const begin, end = "<!-- score: begin -->\n", "<!-- score: end -->\n"

// write puts the table into a page.
func (t table) write(page string, all []bugs.Bug) error {
	numbers, err := bugs.Invariants("docs/reference/invariants.md")
	if err != nil {
		return err
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no lines %q and %q, between which the table stands", page, begin, end)
	}
	return os.WriteFile(page, []byte(before+begin+t.markdown(all, numbers)+end+after), 0o644)
}

func (t table) markdown(all []bugs.Bug, numbers []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n| bug | what it is | from | CPU s | found by | broken |\n|---|---|---|---|---|---|\n", t.summary())
	for _, r := range t {
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %s | %s |\n", r.bug.Name, r.bug.Description, strings.Join(r.bug.From, ", "), r.cpu.Seconds(), r.catcher(), r.fired())
	}
	fmt.Fprintf(&b, "\nWhat each invariant was fired by:\n\n| invariant | bugs |\n|---|---|\n")
	fires := map[string][]string{}
	for _, r := range t {
		if m := invariant.FindStringSubmatch(r.Broken); m != nil {
			fires[m[1]] = append(fires[m[1]], r.bug.Name)
		}
	}
	for _, n := range numbers {
		fmt.Fprintf(&b, "| %s | %s |\n", n, orNone(fires[n]))
	}
	for _, bug := range all {
		if bug.Equivalent != "" {
			fmt.Fprintf(&b, "\nEquivalent: %s: %s %s\n", bug.Name, bug.Description, bug.Equivalent)
		}
	}
	return b.String()
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "**none**"
	}
	return strings.Join(names, ", ")
}
