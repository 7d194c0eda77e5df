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
// folder. A cgroup that has controllers in its children has no process of its own
// (the no-internal-process rule; the root is exempt), so this program may have to
// move out of the way, into a folder beside the supervisor's.
type delegation struct {
	own, folder string
	enabled     []string // controllers of own's children that were not there before
	moved       bool
}

func (d *delegation) aside() string      { return filepath.Join(d.folder, "chaos") }
func (d *delegation) supervised() string { return filepath.Join(d.folder, "gosv") }

// delegate makes the folder of the supervisor and, if they are needed, enables
// for it the controllers that can be. What cannot is the supervisor's to tell.
func delegate(own, folder string, needed bool) (*delegation, error) {
	d := &delegation{own: own, folder: folder}
	if err := os.Mkdir(d.supervised(), 0o755); err != nil || !needed {
		return d, err
	}
	there, inUse := words(own, "cgroup.controllers"), words(own, "cgroup.subtree_control")
	for _, c := range controllers {
		if !slices.Contains(there, c) {
			continue
		}
		if slices.Contains(inUse, c) || d.enable(c) {
			_ = order(folder, "cgroup.subtree_control", "+"+c)
		}
	}
	return d, nil
}

// enable enables a controller for the children of the own cgroup.
func (d *delegation) enable(controller string) bool {
	err := order(d.own, "cgroup.subtree_control", "+"+controller)
	if errors.Is(err, syscall.EBUSY) && !d.moved {
		if os.Mkdir(d.aside(), 0o755) != nil {
			return false
		}
		d.moved = order(d.aside(), "cgroup.procs", "0") == nil // 0: the writer
		err = order(d.own, "cgroup.subtree_control", "+"+controller)
	}
	if err == nil {
		d.enabled = append(d.enabled, controller)
	}
	return err == nil
}

// undo takes back what delegate did, when the supervisor's folder is gone.
func (d *delegation) undo() error {
	var errs []error
	for _, c := range controllers {
		if slices.Contains(words(d.folder, "cgroup.subtree_control"), c) {
			errs = append(errs, order(d.folder, "cgroup.subtree_control", "-"+c))
		}
	}
	for _, c := range d.enabled {
		errs = append(errs, order(d.own, "cgroup.subtree_control", "-"+c))
	}
	if d.moved {
		errs = append(errs, order(d.own, "cgroup.procs", "0"))
	}
	return errors.Join(errs...)
}

func words(folder, file string) []string {
	text, _ := os.ReadFile(filepath.Join(folder, file))
	return strings.Fields(string(text))
}

func order(folder, file, what string) error {
	return os.WriteFile(filepath.Join(folder, file), []byte(what), 0)
}
