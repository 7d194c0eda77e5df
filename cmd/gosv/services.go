package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/gosv/gosv/config"
)

// plan is what the command line asks to be run.
type plan struct {
	file   config.File
	warned int    // warnings about the file, which were told
	dir    string // that relative directories start from
	// attached: one command in gosv's place (--run)
	attached bool
}

// plan reads the configuration, or makes one from the flags.
func (o options) plan() (plan, error) {
	switch {
	case o.runGiven:
		return o.runPlan()
	case o.configGiven:
		return filePlan(o.config)
	}
	return demoPlan()
}

func (o options) runPlan() (plan, error) {
	words, err := config.Words(o.run, os.LookupEnv)
	if err != nil {
		return plan{}, fmt.Errorf("--run: %w", err)
	}
	svc := config.NewService(serviceName(words[0]), words[0], words[1:]...)
	svc.Restart = config.RestartOnFailure
	svc.MaxRestarts = o.maxRestarts
	return plan{attached: true, file: config.File{Cgroup: config.CgroupAuto, LineMax: config.DefaultLineMax, Services: []config.Service{svc}}}, nil
}

// serviceName makes a name for a command: its last part, with whatever a name
// cannot have replaced, and dots, since the kernel's own files in a cgroup have one.
func serviceName(command string) string {
	name := []byte(filepath.Base(command))
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '-' && c != '_') {
			name[i] = '_'
		}
	}
	return string(name[:min(len(name), 32)])
}

// loadFile reads a file and says everything that is wrong with it. warned is how many
// warnings that are.
func loadFile(name string) (file config.File, warned int, err error) {
	text, err := readUpTo(name, config.MaxText+1) // Load says what is too long
	if name == standardInput {
		name = "stdin"
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosv: cannot read the configuration: %v\n", err)
		return config.File{}, 0, statusConfig
	}
	file, diagnostics := config.Load(name, text)
	for _, d := range diagnostics {
		fmt.Fprintln(os.Stderr, d)
	}
	if config.Failed(diagnostics) {
		return config.File{}, 0, statusConfig
	}
	return file, len(diagnostics), nil
}

// standardInput is the name by which a file is stdin, as for many programs; one that is
// called so is ./-.
const standardInput = "-"

// readUpTo reads a file that may have no end.
func readUpTo(name string, most int64) ([]byte, error) {
	if name == standardInput {
		return io.ReadAll(io.LimitReader(os.Stdin, most))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

func filePlan(name string) (plan, error) {
	file, warned, err := loadFile(name)
	if err != nil {
		return plan{}, err
	}
	if opened.MatchString(name) {
		name = "." // it has no directory of its own
	}
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return plan{}, fmt.Errorf("cannot tell the directory of %s: %w", name, err)
	}
	return plan{file: file, warned: warned, dir: dir}, nil
}

// opened are the names of what somebody has opened already: stdin, or <(...) of a
// shell.
var opened = regexp.MustCompile(`^(-|/dev/stdin|/dev/fd/\d+|/proc/(self|thread-self|\d+)/fd/\d+)$`)
