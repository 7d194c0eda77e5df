package live

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// controllers are what limits take (cgroup-v2.rst, Controllers).
var controllers = []string{"cpu", "memory", "pids"}

// delegation hands the controllers of this program's own cgroup down to the private
// directory. A cgroup that has controllers in its children has no process of its own
// (the no-internal-process rule; the root is exempt), so this program may have to
// move out of the way, into a directory beside the supervisor's.
type delegation struct {
	own, dir string
	enabled  []string // controllers of own's children that were not there before
	moved    bool
}

func (d *delegation) ownDir() string { return filepath.Join(d.dir, "chaos") }
func (d *delegation) leaf() string   { return filepath.Join(d.dir, "gosv") }

// delegate makes the directory of the supervisor and, if they are needed, enables
// for it the controllers that can be. What cannot is the supervisor's to tell.
func delegate(own, dir string, needed bool) (*delegation, error) {
	d := &delegation{own: own, dir: dir}
	if err := os.Mkdir(d.leaf(), 0o755); err != nil || !needed {
		return d, err
	}
	there, inUse := readWords(own, "cgroup.controllers"), readWords(own, "cgroup.subtree_control")
	for _, c := range controllers {
		if !slices.Contains(there, c) {
			continue
		}
		if slices.Contains(inUse, c) || d.enable(c) {
			_ = writeFile(dir, "cgroup.subtree_control", "+"+c)
		}
	}
	return d, nil
}

// enable enables a controller for the children of the own cgroup.
func (d *delegation) enable(controller string) bool {
	err := writeFile(d.own, "cgroup.subtree_control", "+"+controller)
	if errors.Is(err, syscall.EBUSY) && !d.moved {
		if os.Mkdir(d.ownDir(), 0o755) != nil {
			return false
		}
		d.moved = writeFile(d.ownDir(), "cgroup.procs", "0") == nil // 0: the writer
		err = writeFile(d.own, "cgroup.subtree_control", "+"+controller)
	}
	if err == nil {
		d.enabled = append(d.enabled, controller)
	}
	return err == nil
}

// undo takes back what delegate did, when the supervisor's directory is gone.
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
