package cgroupfs

import (
	"fmt"
	"path"
	"strings"
)

// Survivor is a process that outlived its gosv.
type Survivor struct {
	PID     int
	Service string // "" for what is in no directory of a service
}

// Survivors lists what lives in the instance and may be signalled. It is empty if
// no process is left, or if another gosv has taken the instance; [StaleInstance.Reclaim]
// distinguishes the two.
func (d *StaleInstance) Survivors() (list []Survivor, err error) {
	populated, _, err := d.tree.Populated(d.Path)
	if err != nil || !populated {
		if IsGone(err) {
			err = nil
		}
		return nil, err
	}
	if !d.locked {
		_ = d.lock() // a child had it, and may be dead by now
	}
	if !d.locked {
		if gosv, err := d.owner(); gosv != ended {
			return nil, err
		}
	}
	dirs, err := d.tree.dirs(d.Path)
	if err != nil && !IsGone(err) {
		return nil, fmt.Errorf("cannot list the cgroup %s: %w", d.Path, errno(err))
	}
	for _, dir := range dirs {
		pids, err := d.tree.Procs(dir)
		if err != nil && !IsGone(err) {
			return list, err
		}
		for _, pid := range pids {
			list = append(list, Survivor{PID: pid, Service: serviceOf(path.Base(dir))})
		}
	}
	return list, nil
}

// serviceOf is the service that a directory of an instance is of.
func serviceOf(dir string) string {
	if dir == supervisorDir {
		return ""
	}
	return strings.ReplaceAll(strings.TrimPrefix(dir, "+"), "+", "/")
}

// Thaw lets frozen survivors run, so that they can act on a signal.
func (d *StaleInstance) Thaw() error {
	dirs, err := d.tree.dirs(d.Path)
	for _, service := range dirs {
		leaves, _ := d.tree.dirs(service)
		for _, leaf := range leaves {
			if frozen, err := d.tree.FreezeRequested(leaf); err == nil && !frozen {
				continue
			}
			if fail := d.tree.Thaw(leaf); fail != nil && !IsGone(fail) {
				err = fail
			}
		}
	}
	return err
}
