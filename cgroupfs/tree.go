package cgroupfs

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Tree is the cgroups of one gosv. A leaf is always given as the path that
// LeafPath returned.
//
// Create, MoveIn and Close belong to the loop; all else may run outside of it.
type Tree struct {
	files      sys.Files
	pid        int          // gosv
	own        string       // the cgroup in which gosv was started
	instance   string       // the directory that Probe made in it
	enabled    []Controller // in the instance, for the services
	enabledOwn []Controller // in own, by this Tree
	findings   Findings
	limited    map[string]bool // the directories of services, and whether every limit that can be set is
}

// Path is the instance's directory.
func (t *Tree) Path() string { return t.instance }

// Has reports whether services have the controller.
func (t *Tree) Has(c Controller) bool { return slices.Contains(t.enabled, c) }

// LeafPath is the directory of one generation of a service. A service called
// supervisor uses the directory +supervisor, since the other one is gosv's own. The
// slash in the name of an instance becomes a plus: web/1 uses web+1. No service's name
// contains a plus.
func (t *Tree) LeafPath(service string, generation uint64) string {
	if service == supervisorDir {
		service = "+" + service
	}
	return t.instance + "/" + strings.ReplaceAll(service, "/", "+") + "/" + strconv.FormatUint(generation, 10)
}

// servicePath is the directory of the service that a leaf is of.
func servicePath(leaf string) string { return path.Dir(leaf) }

// supervisorDir is the directory of gosv itself, below the instance.
const supervisorDir = "supervisor"

// EventsPath is the file to watch: it changes when the last member is gone.
func (t *Tree) EventsPath(leaf string) string { return leaf + "/cgroup.events" }

func (t *Tree) supervisor() string { return t.instance + "/" + supervisorDir }

// Close undoes Probe: it removes the directories of services, disables controllers
// where nothing else needs them, moves gosv back to where it was and removes gosv's
// own directories. The error names what is left. It may be called again.
//
// The lock is released only when the instance is removed. As long as that exists,
// gosv may be in it, and another gosv would kill it: the kernel releases the lock
// when the process ends. While the directory of a service is left, so is gosv's own:
// FindStaleInstances recognises the instance by it.
//
// Where another gosv needs the controllers of the group, gosv cannot move back until
// that one has ended (no internal processes). It stays in its own directory then, and
// the next gosv reclaims the instance: that is no error.
func (t *Tree) Close() error {
	services := errors.Join(t.named(t.removeAll(slices.Sorted(maps.Keys(t.limited))))...)
	err := errors.Join(services, t.disable(t.instance, t.enabled), t.disable(t.own, t.enabledOwn))
	moved := t.moveBack()
	if IsBusy(moved) && err == nil && t.isShared() {
		return nil
	}
	if err = errors.Join(err, moved); services == nil {
		err = errors.Join(err, errors.Join(t.named([]error{t.rmdir(t.supervisor()), t.rmdir(t.instance)})...))
	}
	if err == nil {
		t.files.Unlock(t.instance)
	}
	return err
}

func (t *Tree) moveBack() error {
	if err := t.write(t.own, "cgroup.procs", strconv.Itoa(t.pid)); err != nil {
		return fmt.Errorf("cannot move gosv back into the cgroup %s: %w", t.own, err)
	}
	return nil
}

// isShared reports whether controllers are enabled in gosv's own group.
func (t *Tree) isShared() bool {
	enabled, _ := t.files.ReadFile(t.own + "/cgroup.subtree_control")
	return strings.TrimSpace(string(enabled)) != ""
}

// removeAll removes the directories of services.
func (t *Tree) removeAll(services []string) (errs []error) {
	for _, service := range services {
		errs = append(errs, t.Remove(service))
	}
	return errs
}

// disable disables controllers. EBUSY is no error: another gosv that was started in
// the same group needs them.
func (t *Tree) disable(group string, list []Controller) error {
	var errs []error
	for _, c := range list {
		err := t.write(group, "cgroup.subtree_control", "-"+string(c))
		if err != nil && !IsBusy(err) && !IsGone(err) {
			errs = append(errs, fmt.Errorf("cannot disable the %s controller in %s: %w", c, group, err))
		}
	}
	return errors.Join(errs...)
}

// removeError is a directory that could not be removed.
type removeError struct {
	dir string
	err error
}

func (e *removeError) Error() string {
	return fmt.Sprintf("cannot remove the cgroup %s: %v", e.dir, e.err)
}

func (e *removeError) Unwrap() error { return e.err }

// rmdir removes one directory; one that is gone is success.
func (t *Tree) rmdir(dir string) error {
	err := t.files.Rmdir(dir)
	if err == nil || IsGone(err) {
		return nil
	}
	return &removeError{dir, errno(err)}
}

// named adds to each directory that is left which processes it holds. That reads
// /proc, so it is done for the last report only and not at every retry of Remove.
func (t *Tree) named(errs []error) []error {
	for i, err := range errs {
		var left *removeError
		if errors.As(err, &left) {
			if names := memberNames(t.files, left.dir, 0); names != "" {
				errs[i] = &removeError{left.dir + ", which holds " + names, left.err}
			}
		}
	}
	return errs
}

func (t *Tree) write(group, file, text string) error {
	return t.files.WriteFile(group+"/"+file, []byte(text))
}

// dirs lists the cgroups right below one; none if it is gone. An error means that
// there may be more.
func (t *Tree) dirs(group string) (dirs []string, err error) {
	if text, err := t.files.ReadFile(group + "/cgroup.stat"); err == nil {
		stat, _ := parseFlat(text)
		if n, ok := stat["nr_descendants"]; ok && n == 0 {
			return nil, nil
		}
	}
	entries, err := t.files.ReadDir(group)
	for _, e := range entries {
		if e.Dir {
			dirs = append(dirs, group+"/"+e.Name)
		}
	}
	return dirs, err
}
