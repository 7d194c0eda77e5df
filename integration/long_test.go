package integration

import (
	"flag"
	"os/exec"
	"testing"
)

var all = flag.Bool("all", false, "also the tests that take long, and those with programs of others: supervisord, Redis")

// long marks a test that takes many seconds, which make test runs and go test skips.
func long(t *testing.T) {
	t.Helper()
	if !*all {
		t.Skip("left out without -all, because it takes long (make test has it)")
	}
}

// foreign returns the path of a program of the system, or skips the test.
func foreign(t *testing.T, program, debian string) string {
	t.Helper()
	long(t)
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip(program + " is not installed (on Debian: apt-get install " + debian + ")")
	}
	return path
}
