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

// Tree is the groups of one gosv. A leaf is always given as the path that
// LeafPath returned.
//
// Create, MoveIn, Close and Unlock belong to the loop; all else may run outside of it.
type Tree struct {
	files      sys.Files
	pid        int          // gosv
	own        string       // the group in which gosv was started
	instance   string       // the directory that Probe made in it
	enabled    []Controller // in the instance, for the services
	enabledOwn []Controller // in own, by this Tree
	findings   Findings
	locked     bool            // the instance, by this Tree
	limited    map[string]bool // the directories of services, and whether every limit that can be set is
}

// Path is the instance's directory.
func (t *Tree) Path() string { return t.instance }

// Has tells whether services have the controller.
func (t *Tree) Has(c Controller) bool { return slices.Contains(t.enabled, c) }

// LeafPath is the directory of one generation of a service. A service called
// supervisor lives in +supervisor: the other directory is gosv's own, and no
// service's name has a plus in it.
func (t *Tree) LeafPath(service string, generation uint64) string {
	if service == supervisorDir {
		service = "+" + service
	}
	return t.instance + "/" + service + "/" + strconv.FormatUint(generation, 10)
}

// servicePath is the directory of the service that a leaf is of.
func servicePath(leaf string) string { return path.Dir(leaf) }

// ownFolder is where gosv itself is, below the instance.
const supervisorDir = "supervisor"

// EventsPath is the file to watch: it changes when the last member is gone.
func (t *Tree) EventsPath(leaf string) string { return leaf + "/cgroup.events" }

func (t *Tree) supervisor() string { return t.instance + "/" + supervisorDir }

// Close undoes Probe: the directories of services are removed, controllers disabled where
// no one else needs them, gosv moved back to where it was, its own directories removed,
// and the lock given up. The error names what is left; the lock is held until all is
// gone. It may be called again.
//
// While the directory of a service is left, so is gosv's own: that is what FindStaleInstances
// knows the instance by, once gosv has ended.
//
// Where another gosv needs the controllers of the group there is no way back as long
// as that lives (no internal processes). Then gosv ends where it is, and the instance
// is for the next one to bury: that is no error.
func (t *Tree) Close() error {
	services := errors.Join(t.removeAll(slices.Sorted(maps.Keys(t.limited)))...)
	err := errors.Join(services, t.disable(t.instance, t.enabled), t.disable(t.own, t.enabledOwn))
	moved := t.moveBack()
	if IsBusy(moved) && err == nil && t.isShared() {
		t.Unlock()
		return nil
	}
	if err = errors.Join(err, moved); services == nil {
		err = errors.Join(err, t.rmdir(t.supervisor()), t.rmdir(t.instance))
	}
	if err == nil {
		t.Unlock()
	}
	return err
}

func (t *Tree) moveBack() error {
	if err := t.write(t.own, "cgroup.procs", strconv.Itoa(t.pid)); err != nil {
		return fmt.Errorf("cannot move gosv back into the cgroup %s: %w", t.own, err)
	}
	return nil
}

// isShared tells whether somebody has controllers enabled in gosv's own group.
func (t *Tree) isShared() bool {
	enabled, _ := t.files.ReadFile(t.own + "/cgroup.subtree_control")
	return strings.TrimSpace(string(enabled)) != ""
}

// Unlock gives the lock up. What Close could not remove is then for the next
// gosv to bury.
func (t *Tree) Unlock() {
	if t.locked {
		t.files.Unlock(t.instance)
		t.locked = false
	}
}

// removeAll removes the directories of services.
func (t *Tree) removeAll(services []string) (errs []error) {
	for _, service := range services {
		errs = append(errs, t.Remove(service))
	}
	return errs
}

// disable takes controllers back. EBUSY is no error: another gosv that was
// started in the same group needs them.
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

// rmdir removes one directory; one that is gone is success.
func (t *Tree) rmdir(dir string) error {
	err := t.files.Rmdir(dir)
	if err == nil || IsGone(err) {
		return nil
	}
	names := memberNames(t.files, dir, 0)
	if names != "" {
		names = ", which holds " + names
	}
	return fmt.Errorf("cannot remove the cgroup %s%s: %w", dir, names, errno(err))
}

func (t *Tree) write(group, file, text string) error {
	return t.files.WriteFile(group+"/"+file, []byte(text))
}

// directories lists the groups right below one; none if it is gone. An error means
// that there may be more.
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
