package cgroupfs

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"github.com/gosv/gosv/config"
)

// Create makes a leaf and sets its limits. With a limit of memory the OOM killer
// takes the whole group (memory.oom.group), since half a service is worse than a
// restart. A limit that is not in force is a
// warning, one sentence for each, and the leaf stands; err says that there is no
// leaf, or that it vanished. EEXIST: a generation has one leaf in its life, use
// another number. EAGAIN: no further folder is allowed. ENOENT: the instance was
// removed.
func (t *Tree) Create(leaf string, l config.Limits) (warnings []string, err error) {
	if err := t.files.Mkdir(leaf); err != nil {
		reason := ""
		if errors.Is(err, syscall.EAGAIN) {
			reason = " (a group above allows no further folder: see cgroup.max.depth and cgroup.max.descendants)"
		}
		return nil, fmt.Errorf("cannot make the cgroup %s%s: %w", leaf, reason, errno(err))
	}
	for _, limit := range limits(l) {
		if !t.Has(limit.controller) {
			warnings = append(warnings, limit.warning(t.findings.Why(limit.controller)))
			continue
		}
		if err := t.write(leaf, limit.file, limit.value); err != nil {
			warnings = append(warnings, limit.warning(fmt.Sprintf("writing %s to %s/%s: %v", limit.value, leaf, limit.file, errno(err))))
		}
	}
	if l.MemoryMax != 0 && t.Has(Memory) {
		if err := t.write(leaf, "memory.oom.group", "1"); err != nil {
			warnings = append(warnings, fmt.Sprintf("out of memory, single processes of the service may be killed: writing 1 to %s/memory.oom.group: %v", leaf, errno(err)))
		}
	}
	if len(warnings) > 0 {
		if _, _, err := t.Populated(leaf); IsGone(err) {
			return warnings, err
		}
	}
	return warnings, nil
}

// Attach moves a process into a leaf; its later children are born there. ESRCH:
// the process is gone, or a zombie. EACCES: gosv may not move processes out of
// the group where it is.
func (t *Tree) Attach(leaf string, pid int) error {
	if err := t.write(leaf, "cgroup.procs", strconv.Itoa(pid)); err != nil {
		return fmt.Errorf("cannot move process %d into the cgroup %s: %w", pid, leaf, errno(err))
	}
	return nil
}

// Remove removes a leaf and the empty folders that its service made in it. One
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
		for _, folder := range t.folders(leaf) {
			if err := t.Remove(folder); err != nil {
				return err
			}
		}
	}
	return t.rmdir(leaf)
}
