package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
)

// fault is a fault that gosv-faulty can have, as its --list prints it.
type fault struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Verdict     int    `json:"verdict"` // the number of the verdict that must fail
}

// findFaulty finds the program gosv-faulty beside this one, and asks for its faults.
func findFaulty(self string) (program string, faults []fault, err error) {
	program = filepath.Join(filepath.Dir(self), "gosv-faulty")
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		return "", nil, fmt.Errorf("cannot find %s, the supervisor with deliberate faults that the selftest judges; "+
			"%s installs it, and make build makes both programs", program, installFaulty())
	}
	text, err := stdoutOf(program, "--list")
	if err == nil {
		err = json.Unmarshal(text, &faults)
	}
	if err != nil {
		return "", nil, fmt.Errorf("cannot list the faults of %s: %w", program, err)
	}
	return program, faults, nil
}

// installFaulty is the command that installs gosv-faulty of the same version.
func installFaulty() string {
	module, version := "MODULE", "latest"
	if info, ok := debug.ReadBuildInfo(); ok {
		module = info.Main.Path
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
	}
	return fmt.Sprintf("go install %s/cmd/gosv-faulty@%s", module, version)
}

// stdoutOf returns what a program writes to stdout.
func stdoutOf(words ...string) ([]byte, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	process, err := os.StartProcess(words[0], words, &os.ProcAttr{Files: []*os.File{nil, write, os.Stderr}})
	write.Close()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(read)
	state, waitErr := process.Wait()
	switch {
	case err != nil || waitErr != nil:
		return nil, errors.Join(err, waitErr)
	case !state.Success():
		return nil, fmt.Errorf("it ended with %v", state)
	}
	return text, nil
}
