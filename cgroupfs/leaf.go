package cgroupfs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/procfs"
)

// Create makes a leaf. Before the first one of a service, and when somebody has
// removed it, it makes the service's directory and sets the limits there. A limit
// that is not in force is a warning, one sentence for each, and the leaf stands;
// the next Create tries to set them again. err says that there is no leaf.
// EEXIST: a generation has one leaf in its life, use another number. EAGAIN: no
// further directory is allowed. ENOENT: the instance was removed.
func (t *Tree) Create(leaf string, l config.Limits) (warnings []string, err error) {
	service := servicePath(leaf)
	if t.limited[service] {
		if err = t.files.Mkdir(leaf); !IsGone(err) {
			return nil, cannotMake(leaf, err)
		}
		delete(t.limited, service) // somebody removed it
	}
	if err := t.files.Mkdir(service); err != nil && !errors.Is(err, syscall.EEXIST) {
		return nil, cannotMake(service, err)
	}
	warnings = t.limit(service, l)
	if t.limited == nil {
		t.limited = map[string]bool{}
	}
	t.limited[service] = len(warnings) == 0
	return warnings, cannotMake(leaf, t.files.Mkdir(leaf))
}

// MoveIn moves a process into a leaf, and makes that again if somebody has removed
// it. ESRCH: there is no such process.
func (t *Tree) MoveIn(leaf string, l config.Limits, pid int) error {
	move := func() error { return t.write(leaf, "cgroup.procs", strconv.Itoa(pid)) }
	err := move()
	if IsGone(err) {
		if _, err := t.Create(leaf, l); err != nil {
			return err
		}
		err = move()
	}
	if err != nil {
		return fmt.Errorf("cannot move process %d into the cgroup %s: %w", pid, leaf, errno(err))
	}
	return nil
}

// Contains tells whether a process, which may be a zombie, is in a leaf or in a directory
// that its service made below. An error that is procfs.ErrGone: there is no such
// process.
func (t *Tree) Contains(leaf string, pid int) (bool, error) {
	groups, err := procfs.ReadCgroup(t.files, pid)
	if err != nil {
		return false, err
	}
	// Where the reader's view of the tree begins is the namespace's matter: what
	// the instance made is below it, and of a removed directory the path ends in
	// " (deleted)".
	at, _ := procfs.Unified(groups)
	return strings.Contains(at+"/", strings.TrimPrefix(leaf, t.own)+"/"), nil
}

// limit sets the limits of a service. With the memory controller, the OOM killer
// takes all of a service (memory.oom.group), since half a service is worse than a
// restart.
func (t *Tree) limit(service string, l config.Limits) (warnings []string) {
	for _, limit := range limits(l) {
		if !t.Has(limit.controller) {
			warnings = append(warnings, limit.warning(t.findings.Why(limit.controller)))
			continue
		}
		if err := t.write(service, limit.file, limit.value); err != nil {
			warnings = append(warnings, limit.warning(fmt.Sprintf("writing %s to %s/%s: %v", limit.value, service, limit.file, errno(err))))
		}
	}
	if !t.Has(Memory) {
		return warnings
	}
	if err := t.write(service, "memory.oom.group", "1"); err != nil && l.MemoryMax != 0 {
		warnings = append(warnings, fmt.Sprintf("out of memory, single processes of the service may be killed: writing 1 to %s/memory.oom.group: %v", service, errno(err)))
	}
	return warnings
}

// cannotMake is the error of a Mkdir, for people.
func cannotMake(dir string, err error) error {
	if err == nil {
		return nil
	}
	reason := ""
	if errors.Is(err, syscall.EAGAIN) {
		reason = " (a group above allows no further directory: see cgroup.max.depth and cgroup.max.descendants)"
	}
	return fmt.Errorf("cannot make the cgroup %s%s: %w", dir, reason, errno(err))
}

// Remove removes a leaf and the empty directories that its service made in it. One
// that is gone is success. EBUSY: something lives in it, or died a moment ago;
// try again a little later, a bounded number of times.
func (t *Tree) Remove(leaf string) error {
	err := t.files.Rmdir(leaf)
	if err == nil || IsGone(err) {
		return nil
	}
	if !IsBusy(err) {
		return fmt.Errorf("cannot remove the cgroup %s: %w", leaf, errno(err))
	}
	if populated, _, err := t.Populated(leaf); err == nil && !populated {
		dirs, _ := t.dirs(leaf)
		for _, dir := range dirs {
			if err := t.Remove(dir); err != nil {
				return err
			}
		}
	}
	return t.rmdir(leaf)
}
