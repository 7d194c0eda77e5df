package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosv/gosv/supervisor"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gosv": main, "gosv-hasty": hasty, "gosv-impatient": impatient})
}

// hasty is a gosv with a bug: it kills before the grace is over.
func hasty() {
	planted = func(o *supervisor.Options) {
		for i := range o.Services {
			o.Services[i].StopTimeout /= 2
		}
	}
	main()
}

// impatient is a gosv with a bug: it restarts before the delay is over.
func impatient() {
	planted = func(o *supervisor.Options) {
		for i := range o.Services {
			o.Services[i].Backoff.Initial /= 2
		}
	}
	main()
}

// TestScripts runs testdata/script: each file is what a person types and sees.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			if name != "root" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return os.Geteuid() == 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a program and holds it to its exit status: exits 78 gosv check f.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	status := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		status = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if status != want {
		ts.Fatalf("%v ended with %d, want %d", args[1:], status, want)
	}
}
