package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"

	"github.com/gosv/gosv/bugs"
)

// verdict is what became of a mutant.
type verdict int

const (
	survived verdict = iota
	byTests
	bySearch
	invalid
	equivalent
)

// slow are the tests of the simulator that search, which is done apart.
const slow = "^(TestSwarm|TestEvery|TestOrders|TestTheFirst|TestAShrunk|TestDigest|TestLaws)"

// try runs what must notice a mutant.
func (r *runner) try(m mutant) (verdict, error) {
	scratch, err := os.MkdirTemp("", "gosv-mutant-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(scratch)
	overlay, err := m.plant(r.root, scratch)
	if err != nil {
		return 0, err
	}
	tests, search := filepath.Join(scratch, "tests"), filepath.Join(scratch, "search")
	dir := path.Dir(m.file)
	if r.command(".", "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", tests, "./"+dir).Run() != nil {
		return invalid, nil
	}
	if _, err := os.Stat(tests); err == nil && r.command(dir, tests, "-test.failfast", "-test.timeout", "1m").Run() != nil {
		return byTests, nil
	}
	if dir == "config" || dir == "logs" {
		return survived, nil // the simulator knows nothing of them
	}
	if r.command("tools", "go", "build", "-overlay", overlay, "-o", search, "./hunt").Run() != nil {
		return invalid, nil
	}
	out, err := r.command(".", search, "-cpu", r.limit.String()).Output()
	var c bugs.Catch
	if err != nil || json.Unmarshal(out, &c) != nil || c.Broken != "" {
		return bySearch, nil // it was found, or has broken the search itself
	}
	if r.command(".", "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", tests, "./sim").Run() != nil {
		return invalid, nil
	}
	if r.command("sim", tests, "-test.failfast", "-test.timeout", "2m", "-test.skip", slow).Run() != nil {
		return bySearch, nil
	}
	return survived, nil
}

func (r *runner) command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = filepath.Join(r.root, dir)
	return c
}

// plant writes the file of the mutant, and go build's overlay for it.
func (m mutant) plant(root, scratch string) (overlay string, err error) {
	file := filepath.Join(scratch, "mutant.go")
	if err := os.WriteFile(file, m.text, 0o600); err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.file): file}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(scratch, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
