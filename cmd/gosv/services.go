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
	warned int    // number of warnings about the file, which were printed
	dir    string // base of relative directories
	// attached is set for one command in gosv's place (gosv run)
	attached bool
	fromFile bool   // --config
	path     string // of the file; "" if it cannot be read again
	text     []byte // what was read
}

// plan reads the configuration or makes one from the flags.
func (o options) plan() (plan, error) {
	switch {
	case o.runGiven, o.command != nil:
		return o.runPlan()
	case o.configGiven:
		return filePlan(o.config)
	}
	return demoPlan()
}

// loadFile reads a configuration and prints its errors and warnings. warned is the
// number of warnings.
func loadFile(name string) (file config.File, warned int, text []byte, err error) {
	text, err = readUpTo(name, config.MaxText+1) // Load reports a file that is too long
	if name == standardInput {
		name = "stdin"
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosv: cannot read the configuration: %v\n", err)
		return config.File{}, 0, nil, statusConfig
	}
	if size := sizeOf(name); len(text) > config.MaxText && size > config.MaxText {
		fmt.Fprintf(os.Stderr, "%s:1:1: the file has %d bytes; a configuration has at most %d (8 MiB)\n", config.Printable(name), size, config.MaxText)
		return config.File{}, 0, nil, statusConfig
	}
	file, diagnostics := config.Load(config.Printable(name), text)
	for _, d := range diagnostics {
		fmt.Fprintln(os.Stderr, d)
	}
	if config.Failed(diagnostics) {
		return config.File{}, 0, nil, statusConfig
	}
	return file, len(diagnostics), text, nil
}

// sizeOf is the size of a regular file, or 0.
func sizeOf(name string) int64 {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

// standardInput is the name that stands for stdin; a file of that name is ./-.
const standardInput = "-"

// readUpTo reads at most that many bytes: a file may have no end.
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
	file, warned, text, err := loadFile(name)
	if err != nil {
		return plan{}, err
	}
	path, err := filepath.Abs(name)
	if err != nil || opened.MatchString(name) {
		path = "" // a pipe has its text only once
	}
	if opened.MatchString(name) {
		name = "." // a pipe has no directory
	}
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil { // the working directory was removed; paths relative to it may still work
		dir = filepath.Dir(name)
	}
	if errs := resolve(&file, dir, systemAccounts{}); errs != nil {
		for _, err := range errs {
			fmt.Fprintf(os.Stderr, "%s: %s\n", config.Printable(name), config.Printable(err.Error()))
		}
		return plan{}, statusConfig
	}
	return plan{file: file, warned: warned, dir: dir, fromFile: true, path: path, text: text}, nil
}

// opened matches names of descriptors that are open already: stdin, or <(...) of a
// shell.
var opened = regexp.MustCompile(`^(-|/dev/stdin|/dev/fd/\d+|/proc/(self|thread-self|\d+)/fd/\d+)$`)
