package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/gosv/gosv/bugs"
)

// score plants a bug and searches for it.
func (s *scorer) score(b bugs.Bug) (row, error) {
	scratch, err := os.MkdirTemp("", "gosv-score-")
	if err != nil {
		return row{}, err
	}
	defer os.RemoveAll(scratch)
	overlay, err := b.Plant(s.root, scratch)
	if err != nil {
		return row{}, err
	}
	binary := filepath.Join(scratch, "search")
	r := row{bug: b}
	if dir, patterns := b.Tests(); dir != "" {
		if err := s.compile("test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, "./"+dir); err != nil {
			return row{}, fmt.Errorf("bugs/%s.patch: %w", b.Name, err)
		}
		return r, r.suite(binary, filepath.Join(s.root, dir), patterns)
	}
	if err := s.compile("build", "-C", "tools", "-overlay", overlay, "-o", binary, "./hunt"); err != nil {
		return row{}, fmt.Errorf("bugs/%s.patch: %w", b.Name, err)
	}
	return r, r.hunt(binary, s.limit)
}

func (s *scorer) compile(args ...string) error {
	build := exec.Command("go", args...)
	build.Dir = s.root
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("it does not compile: %w\n%s", err, out)
	}
	return nil
}

// shrinkRuns is how many runs are spent to make a failure simpler.
const shrinkRuns = "2000"

// hunt has the simulator search.
func (r *row) hunt(binary string, limit time.Duration) error {
	search := exec.Command(binary, "-cpu", limit.String(), "-shrink", shrinkRuns)
	search.Stderr = os.Stderr
	out, err := search.Output()
	if err == nil {
		err = json.Unmarshal(out, &r.Catch)
	}
	r.cpu = r.Spent
	if err != nil {
		return fmt.Errorf("bugs/%s: the search came to grief: %w", r.bug.Name, err)
	}
	return nil
}

var failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)|^(panic: .*)|^(fatal error: .*)`)

// suite has the tests of a package search. The deepest test that failed says what is
// broken.
func (r *row) suite(binary, dir string, patterns []string) error {
	for _, tests := range patterns {
		search := exec.Command(binary, "-test.failfast", "-test.run", tests, "-test.timeout", "2m")
		search.Dir = dir
		out, err := search.CombinedOutput()
		r.spend(search)
		r.Runs++
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		if err == nil {
			continue
		}
		r.Broken = "the tests end by " + err.Error()
		for _, m := range failure.FindAllStringSubmatch(string(out), -1) {
			r.CaughtBy = strings.Join(m[1:], "")
			r.Broken = r.CaughtBy
		}
		return nil
	}
	return nil
}

// spend counts the processor time of a process that has ended.
func (r *row) spend(c *exec.Cmd) {
	if c.ProcessState != nil {
		r.cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
}
