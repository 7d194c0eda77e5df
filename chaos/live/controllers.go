package live

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// controllers are those that limits need, cgroup-v2.rst, Controllers.
var controllers = []string{"cpu", "memory", "pids"}

// delegation gives the controllers of this program's own cgroup to the private directory.
//
// A cgroup with controllers in its children must have no process of its own (cgroup-v2.rst,
// No Internal Process Constraint; the root is exempt). Enabling a threaded controller, cpu
// or pids, beside processes succeeds, but makes the cgroup a thread root, in whose other
// children nothing can be started (EOPNOTSUPP). So this program moves into a directory
// beside the supervisor's before it enables anything. If other processes remain in its
// cgroup, such as its shell, it enables nothing.
type delegation struct {
	own, dir string
	enabled  []string // controllers of own's children that were not enabled before
	moved    bool
	failed   bool // this program cannot move, or is not alone
}

func (d *delegation) ownDir() string { return filepath.Join(d.dir, "chaos") }
func (d *delegation) leaf() string   { return filepath.Join(d.dir, "gosv") }

// delegate makes the directory of the supervisor and, if they are needed, enables the
// available controllers for it. The supervisor reports what is missing.
func delegate(own, dir string, needed bool) (*delegation, error) {
	d := &delegation{own: own, dir: dir}
	if err := os.Mkdir(d.leaf(), 0o755); err != nil || !needed {
		return d, err
	}
	available, inUse := readWords(own, "cgroup.controllers"), readWords(own, "cgroup.subtree_control")
	for _, c := range controllers {
		if !slices.Contains(available, c) {
			continue
		}
		if slices.Contains(inUse, c) || d.enable(c) {
			_ = writeFile(dir, "cgroup.subtree_control", "+"+c)
		}
	}
	return d, nil
}

// enable enables a controller for the children of this program's own cgroup.
func (d *delegation) enable(controller string) bool {
	if d.failed = d.failed || !d.moveAway(); d.failed {
		return false
	}
	if writeFile(d.own, "cgroup.subtree_control", "+"+controller) != nil {
		return false
	}
	d.enabled = append(d.enabled, controller)
	return true
}

// moveAway moves this program out of its own cgroup. The root cgroup may keep it.
func (d *delegation) moveAway() bool {
	if d.moved || !d.hasType() {
		return true
	}
	if os.Mkdir(d.ownDir(), 0o755) != nil {
		return false
	}
	d.moved = writeFile(d.ownDir(), "cgroup.procs", "0") == nil // 0: the writer
	if d.moved && len(readWords(d.own, "cgroup.procs")) > 0 {
		d.moved = writeFile(d.own, "cgroup.procs", "0") != nil
		_ = os.Remove(d.ownDir())
		return false
	}
	if !d.moved {
		_ = os.Remove(d.ownDir())
	}
	return d.moved
}

// hasType reports whether the own cgroup is not the root, which has no cgroup.type.
func (d *delegation) hasType() bool {
	_, err := os.Stat(filepath.Join(d.own, "cgroup.type"))
	return err == nil
}

// undo reverts what delegate did, when the supervisor's directory is gone.
func (d *delegation) undo() error {
	var errs []error
	for _, c := range controllers {
		if slices.Contains(readWords(d.dir, "cgroup.subtree_control"), c) {
			errs = append(errs, writeFile(d.dir, "cgroup.subtree_control", "-"+c))
		}
	}
	for _, c := range d.enabled {
		errs = append(errs, writeFile(d.own, "cgroup.subtree_control", "-"+c))
	}
	if d.moved {
		errs = append(errs, writeFile(d.own, "cgroup.procs", "0"))
	}
	return errors.Join(errs...)
}

func readWords(dir, file string) []string {
	text, _ := os.ReadFile(filepath.Join(dir, file))
	return strings.Fields(string(text))
}

func writeFile(dir, file, what string) error {
	return os.WriteFile(filepath.Join(dir, file), []byte(what), 0)
}
