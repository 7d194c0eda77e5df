package cgroupfs

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/procfs"
)

// Create makes a leaf. Before the first leaf of a service, and when the service's
// directory was removed, it makes that directory and sets the limits there. A limit
// that cannot be set is returned and does not prevent the leaf; the next Create tries
// to set it again. An error means that there is no leaf. EEXIST: each generation has
// one leaf only, so use another number. EAGAIN: the kernel allows no further
// directory. ENOENT: the instance was removed.
func (t *Tree) Create(leaf string, l Limits) (unset []Unset, err error) {
	service := servicePath(leaf)
	if t.limited[service] {
		if err = t.files.Mkdir(leaf); !IsGone(err) {
			return nil, cannotMake(leaf, err)
		}
		delete(t.limited, service) // the directory was removed
	}
	if err := t.files.Mkdir(service); err != nil && !errors.Is(err, syscall.EEXIST) {
		return nil, cannotMake(service, err)
	}
	unset = t.limit(service, l)
	if t.limited == nil {
		t.limited = map[string]bool{}
	}
	t.limited[service] = len(unset) == 0
	return unset, cannotMake(leaf, t.files.Mkdir(leaf))
}

// MoveIn moves a process into a leaf. It makes the leaf again if that was removed.
// ESRCH: there is no such process.
func (t *Tree) MoveIn(leaf string, l Limits, pid int) error {
	move := func() error { return t.write(leaf, "cgroup.procs", strconv.Itoa(pid)) }
	err := move()
	if IsGone(err) {
		if _, err := t.Create(leaf, l); err != nil {
			return err
		}
		err = move()
	}
	if err != nil {
		return fmt.Errorf("cannot move PID %d into the cgroup %s: %w", pid, leaf, errno(err))
	}
	return nil
}

// Contains reports whether a process, which may be a zombie, is in a leaf or in a
// directory that its service made below. The error is procfs.ErrGone if there is no
// such process.
func (t *Tree) Contains(leaf string, pid int) (bool, error) {
	groups, err := procfs.ReadCgroup(t.files, pid)
	if err != nil {
		return false, err
	}
	// The path is relative to the cgroup namespace, so only its end is compared.
	// That of a removed directory ends in " (deleted)".
	at, _ := procfs.Unified(groups)
	return strings.Contains(at+"/", strings.TrimPrefix(leaf, t.own)+"/"), nil
}

// limit sets the limits of a service. With the memory controller, the OOM killer
// kills all processes of a service (memory.oom.group): a restart is better than half a
// service.
func (t *Tree) limit(service string, l Limits) (unset []Unset) {
	for _, s := range l.Settings() {
		if !t.Has(s.Controller) {
			unset = append(unset, Unset{Setting: s, Reason: cmp.Or(t.findings.Why(s.Controller), fmt.Sprintf("the %s controller was not enabled when gosv started; start gosv again", s.Controller))})
			continue
		}
		if err := t.set(service, s); err != nil {
			unset = append(unset, *err)
		}
	}
	if !t.Has(Memory) {
		return unset
	}
	err := t.set(service, Setting{Memory, OOMGroupFile, "1"})
	if err != nil && l.MemoryMax != 0 {
		unset = append(unset, *err)
	}
	return unset
}

// OOMGroupFile makes the OOM killer kill all processes of a group at once.
const OOMGroupFile = "memory.oom.group"

func (t *Tree) set(group string, s Setting) *Unset {
	err := t.write(group, s.File, s.Value)
	if err == nil || s.File == "memory.swap.max" && s.Value == "0" && IsGone(err) { // a kernel without swap has no such file
		return nil
	}
	reason := fmt.Sprintf("cannot write %q to %s/%s: %v", s.Value, group, s.File, errno(err))
	return &Unset{Setting: s, Reason: reason, Err: err}
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

// RemoveEmpty removes a leaf by one rmdir(2). It succeeds if the leaf is gone. EBUSY: it
// holds a process, did a moment ago, or holds a directory that its service made.
func (t *Tree) RemoveEmpty(leaf string) error { return t.rmdir(leaf) }

// Remove removes a leaf and the empty directories that its service made in it. It
// succeeds if the leaf is gone. EBUSY: it holds a process, or did a moment ago; try
// again a little later, a bounded number of times.
func (t *Tree) Remove(leaf string) error {
	err := t.files.Rmdir(leaf)
	if err == nil || IsGone(err) {
		return nil
	}
	if IsBusy(err) {
		if populated, _, failed := t.Populated(leaf); failed == nil && !populated {
			dirs, _ := t.dirs(leaf)
			for _, dir := range dirs {
				if err := t.Remove(dir); err != nil {
					return err
				}
			}
			return t.rmdir(leaf)
		}
	}
	return &removeError{leaf, errno(err)}
}
