package cgroupfs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gosv/gosv/sys"
)

// Tree is the groups of one gosv. A leaf is always given as the path that
// LeafPath returned.
//
// The fields do not change after Probe, so methods may run outside the loop.
type Tree struct {
	files      sys.Files
	pid        int          // gosv
	own        string       // the group in which gosv was started
	instance   string       // the folder that Probe made in it
	enabled    []Controller // in the instance, for the leaves
	enabledOwn []Controller // in own, by this Tree
	findings   Findings
}

// Path is the instance's folder.
func (t *Tree) Path() string { return t.instance }

// Has tells whether leaves have the controller.
func (t *Tree) Has(c Controller) bool { return slices.Contains(t.enabled, c) }

// Controllers are those that leaves have.
func (t *Tree) Controllers() []Controller { return slices.Clone(t.enabled) }

// LeafPath is the folder of one generation of a service.
func (t *Tree) LeafPath(service string, generation uint64) string {
	return t.instance + "/" + service + "." + strconv.FormatUint(generation, 10)
}

// EventsPath is the file to watch: it changes when the last member is gone.
func (t *Tree) EventsPath(leaf string) string { return leaf + "/cgroup.events" }

func (t *Tree) supervisor() string { return t.instance + "/supervisor" }

// Close undoes Probe: leaves that are empty are removed, controllers disabled
// where no one else needs them, gosv moved back to where it was, and the folders
// removed. The error names what is left. It may be called again.
func (t *Tree) Close() error {
	var errs []error
	for _, folder := range t.folders(t.instance) {
		if folder != t.supervisor() {
			errs = append(errs, t.Remove(folder))
		}
	}
	errs = append(errs, t.disable(t.instance, t.enabled))
	errs = append(errs, t.disable(t.own, t.enabledOwn))
	if err := t.write(t.own, "cgroup.procs", strconv.Itoa(t.pid)); err != nil {
		errs = append(errs, fmt.Errorf("cannot move gosv back into the cgroup %s: %w", t.own, err))
	}
	errs = append(errs, t.rmdir(t.supervisor()), t.rmdir(t.instance))
	return errors.Join(errs...)
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

// rmdir removes one folder; one that is gone is success.
func (t *Tree) rmdir(folder string) error {
	err := t.files.Rmdir(folder)
	if err == nil || IsGone(err) {
		return nil
	}
	names := memberNames(t.files, folder, 0)
	if names != "" {
		names = ", which holds " + names
	}
	return fmt.Errorf("cannot remove the cgroup %s%s: %w", folder, names, errno(err))
}

func (t *Tree) write(group, file, text string) error {
	return t.files.WriteFile(group+"/"+file, []byte(text))
}

// folders lists the groups right below one; none if it is gone.
func (t *Tree) folders(group string) []string {
	if text, err := t.files.ReadFile(group + "/cgroup.stat"); err == nil {
		stat, _ := parseFlat(text)
		if n, ok := stat["nr_descendants"]; ok && n == 0 {
			return nil
		}
	}
	names, _ := t.files.ReadDir(group)
	var folders []string
	for _, name := range names {
		// Only a folder can be listed; there is no stat(2) in sys.Files.
		if _, err := t.files.ReadDir(group + "/" + name); err == nil {
			folders = append(folders, group+"/"+name)
		}
	}
	return folders
}
