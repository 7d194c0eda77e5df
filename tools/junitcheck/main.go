// Junitcheck reads files of JUnit's XML with a reader that knows nothing of gosv,
// and says whether they are what gosv chaos promises: one suite, whose totals are
// those of its cases, each with a class and a name that no other has, failures with
// a message, and properties with the seed, the command that repeats the run, and a
// status that is 1 if something failed and 0 if nothing did. It is a module of its own, so that
// gosv does not depend on that reader.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/joshdk/go-junit"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: junitcheck FILE...")
		os.Exit(2)
	}
	status := 0
	for _, name := range os.Args[1:] {
		summary, err := check(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			status = 1
			continue
		}
		fmt.Printf("%s: %s\n", name, summary)
	}
	os.Exit(status)
}

// check reads a file and gives its totals, or everything that is wrong with it.
func check(name string) (summary string, err error) {
	suites, err := junit.IngestFile(name)
	if err != nil {
		return "", err
	}
	if len(suites) != 1 {
		return "", fmt.Errorf("it has %d suites, not one", len(suites))
	}
	s := suites[0]
	var errs []error
	wrong := func(is bool, format string, args ...any) {
		if is {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	wrong(s.Name != "gosv chaos", "its suite is called %q", s.Name)
	wrong(s.Totals.Tests == 0, "it has no cases")
	_, noNumber := strconv.ParseUint(s.Properties["seed"], 10, 64)
	wrong(noNumber != nil, "its property seed is %q", s.Properties["seed"])
	wrong(s.Properties["command"] == "", "it has no property command")
	seen := map[string]bool{}
	for _, c := range s.Tests {
		id := c.Classname + " " + c.Name
		wrong(c.Name == "" || c.Classname == "", "case %q has no class or no name", id)
		wrong(seen[id], "two cases are called %q", id)
		seen[id] = true
		wrong(c.Status == junit.StatusFailed && (c.Message == "" || c.Error == nil || c.Error.Error() == ""), "%s failed without a message", id)
		wrong(c.Status == junit.StatusSkipped && c.Message == "", "%s was skipped without a reason", id)
		wrong(c.Status == junit.StatusError, "%s is an error: a verdict passes, fails or is skipped", id)
	}
	t := s.Totals
	wrong(s.Properties["status"] == "0" && t.Failed > 0 || s.Properties["status"] == "1" && t.Failed == 0, "its status is %s with %d failures", s.Properties["status"], t.Failed)
	return fmt.Sprintf("%d cases: %d passed, %d failed, %d skipped", t.Tests, t.Passed, t.Failed, t.Skipped), errors.Join(errs...)
}
