package cgroupfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
)

// Populated tells whether something lives in a leaf or below it (zombies do not
// count), and whether it is frozen. An error that IsGone: there is no such leaf.
func (t *Tree) Populated(leaf string) (populated, frozen bool, err error) {
	text, err := t.files.ReadFile(t.EventsPath(leaf))
	if err != nil {
		return false, false, fmt.Errorf("cannot read the state of the cgroup %s: %w", leaf, errno(err))
	}
	events, err := parseFlat(text)
	if err != nil {
		return false, false, fmt.Errorf("cannot understand %s: %w", t.EventsPath(leaf), err)
	}
	return events["populated"] != 0, events["frozen"] != 0, nil
}

// Kill kills everything in a leaf and below it, also what is frozen or being
// born (cgroup.kill). The leaf must not be spawned into again. One that is gone
// is success. Without cgroup.kill it does nothing and answers ErrNoKill.
func (t *Tree) Kill(leaf string) error {
	err := t.write(leaf, "cgroup.kill", "1")
	if err == nil {
		return nil
	}
	if IsGone(err) {
		if _, _, gone := t.Populated(leaf); IsGone(gone) {
			return nil
		}
		return ErrNoKill
	}
	return fmt.Errorf("cannot kill the cgroup %s: %w", leaf, errno(err))
}

// Freeze asks the kernel to stop everything in a leaf. Populated shows when it
// has; a process in uninterruptible sleep delays that without bound.
func (t *Tree) Freeze(leaf string) error { return t.freeze(leaf, "freeze", "1") }

// Thaw undoes Freeze. A frozen leaf stays frozen after Kill, and a spawn into it
// hangs.
func (t *Tree) Thaw(leaf string) error { return t.freeze(leaf, "thaw", "0") }

// FreezeRequested tells whether a leaf was asked to freeze. Only part of it may stand
// still then, and for as long as something in it sleeps uninterruptibly: Populated
// calls a leaf frozen when all of it is. Without cgroup.freeze, which came with
// Linux 5.2, the answer is no.
func (t *Tree) FreezeRequested(leaf string) (bool, error) {
	text, err := t.files.ReadFile(leaf + "/cgroup.freeze")
	if err != nil && !IsGone(err) {
		return false, fmt.Errorf("cannot see whether the cgroup %s is frozen: %w", leaf, errno(err))
	}
	return strings.TrimSpace(string(text)) == "1", nil
}

func (t *Tree) freeze(leaf, verb, value string) error {
	if err := t.write(leaf, "cgroup.freeze", value); err != nil {
		return fmt.Errorf("cannot %s the cgroup %s: %w", verb, leaf, errno(err))
	}
	return nil
}

// Procs lists the processes in a leaf and in the directories that its service made
// below, by number, each once. A zombie may be among them. A process in a pid
// namespace that gosv cannot see into is left out.
func (t *Tree) Procs(leaf string) ([]int, error) {
	text, err := t.files.ReadFile(leaf + "/cgroup.procs")
	if err != nil {
		return nil, fmt.Errorf("cannot list the processes of the cgroup %s: %w", leaf, errno(err))
	}
	pids, err := parsePids(text)
	if err != nil {
		return nil, fmt.Errorf("cannot understand %s/cgroup.procs: %w", leaf, err)
	}
	dirs, _ := t.dirs(leaf)
	for _, dir := range dirs {
		below, err := t.Procs(dir)
		// The processes of threaded groups stand in the group above them.
		if err != nil && !IsGone(err) && !errors.Is(err, syscall.EOPNOTSUPP) {
			return nil, err
		}
		pids = append(pids, below...)
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}
