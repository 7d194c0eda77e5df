package cgroupfs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
)

// Populated reports whether a process is in a leaf or below it (zombies do not
// count), and whether the leaf is frozen. The error satisfies IsGone if there is no
// such leaf.
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

// Kill kills every process in a leaf and below it, also those that are frozen or
// being forked (cgroup.kill). Do not spawn into the leaf afterwards. It succeeds if
// the leaf is gone. Without cgroup.kill it does nothing and returns ErrNoKill.
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

// Freeze asks the kernel to stop every process in a leaf. Populated shows when it
// has; a process in uninterruptible sleep delays that without bound.
func (t *Tree) Freeze(leaf string) error { return t.freeze(leaf, "freeze", "1") }

// Thaw undoes Freeze. A frozen leaf stays frozen after Kill, and a spawn into a
// frozen leaf hangs.
func (t *Tree) Thaw(leaf string) error { return t.freeze(leaf, "thaw", "0") }

// FreezeRequested reports whether a leaf was asked to freeze. Only some of its
// processes may be stopped then; Populated calls a leaf frozen when all of them are.
// Without cgroup.freeze, which came with Linux 5.2, the answer is no.
func (t *Tree) FreezeRequested(leaf string) (bool, error) {
	text, err := t.files.ReadFile(leaf + "/cgroup.freeze")
	if err != nil && !IsGone(err) {
		return false, fmt.Errorf("cannot find out whether the cgroup %s is frozen: %w", leaf, errno(err))
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
// below it, sorted, each once. A zombie may be among them. A process in a PID
// namespace that gosv cannot see is left out.
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
		// The processes of a threaded group are listed in the group above it.
		if err != nil && !IsGone(err) && !errors.Is(err, syscall.EOPNOTSUPP) {
			return nil, err
		}
		pids = append(pids, below...)
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}
