package integration

import (
	"flag"
	"os/exec"
	"testing"
)

var foreigners = flag.Bool("foreign", false, "also test with programs of others, which takes half a minute: supervisord, Redis")

// foreign gives the path of somebody else's program, or skips the test.
func foreign(t *testing.T, program, debian string) string {
	t.Helper()
	if !*foreigners {
		t.Skip("left out without -foreign, because " + program + " takes its time (make test has it)")
	}
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip(program + " is not installed (on Debian: apt-get install " + debian + ")")
	}
	return path
}
