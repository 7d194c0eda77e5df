package cgroupfs

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// StaleInstance is an instance whose gosv has ended without removing it. While it
// is held, so is the lock of its directory, and no other gosv reclaims it; unless
// a child of the ended gosv holds the lock, see FindStaleInstances.
type StaleInstance struct {
	Path   string
	Killed []int // the processes that Reclaim has found in it, by PID

	locked        bool
	killRequested bool // cgroup.kill was written
	tree          Tree // only its files are used
}

// FindStaleInstances finds stale instances beside the directory that Probe would
// make. An instance has one of gosv's names, no process in the directory itself, and
// below it either the directory supervisor or no directory at all. It is stale if
// its lock is free, or if the gosv that took the lock has ended and a child of it,
// which has not executed its program yet, still holds the lock. ARCHITECTURE.md
// explains why the instance of a running gosv is never found.
//
// Give each back by Release, or call Reclaim until it is done. An error means that
// there may be more instances: the machine lacked something (descriptors, memory)
// to look closer.
func FindStaleInstances(f sys.Files, pid int, o Options) (found []*StaleInstance, err error) {
	at, problem := locate(f, pid, o)
	if problem != nil {
		return nil, onlyShortage(problem.Err)
	}
	entries, err := f.ReadDir(at.dir)
	if err != nil {
		return nil, onlyShortage(err)
	}
	var errs []error
	for _, e := range entries {
		if !instanceNames.MatchString(e.Name) {
			continue
		}
		d := &StaleInstance{Path: at.dir + "/" + e.Name, tree: Tree{files: f}}
		stale, err := d.isStale()
		if stale {
			found = append(found, d)
		} else {
			d.Release()
		}
		errs = append(errs, onlyShortage(err))
	}
	return found, errors.Join(errs...)
}

func onlyShortage(err error) error {
	if !isShortage(err) {
		return nil
	}
	return fmt.Errorf("cannot look for stale instances: %w", errno(err))
}

// isStale takes the lock if it is free. Nothing of a running gosv's directory is
// read but its events: it may hold thousands of cgroups.
func (d *StaleInstance) isStale() (bool, error) {
	err := d.lock()
	if errno(err) == syscall.EWOULDBLOCK {
		abandoned, err := d.isAbandoned()
		if !abandoned {
			return false, err
		}
	} else if err != nil {
		return false, err
	}
	return d.isInstance()
}

// isInstance reports whether gosv has made the directory, by its shape.
func (d *StaleInstance) isInstance() (bool, error) {
	if members, err := d.tree.files.ReadFile(d.Path + "/cgroup.procs"); err != nil || len(members) > 0 {
		return false, err
	}
	dirs, err := d.tree.dirs(d.Path)
	if slices.Contains(dirs, d.Path+"/"+supervisorDir) {
		return true, err
	}
	return len(dirs) == 0 && err == nil, err
}

func (d *StaleInstance) lock() error {
	err := d.tree.files.Lock(d.Path)
	d.locked = err == nil
	return err
}

// isAbandoned reports whether the gosv of an instance has ended although its lock was
// held: by a child that has not executed its program yet.
func (d *StaleInstance) isAbandoned() (bool, error) {
	populated, _, err := d.tree.Populated(d.Path)
	if err != nil {
		return false, err
	}
	if populated {
		if gosv, err := d.owner(); gosv != unknown || err != nil {
			return gosv == ended, err
		}
	}
	switch err := d.lock(); errno(err) { // it may be free by now: the child has ended or executed its program
	case nil:
		return true, nil
	case syscall.EWOULDBLOCK:
		return false, nil
	default:
		return false, err
	}
}

// ownerState is what has become of the gosv of an instance.
type ownerState int

const (
	unknown ownerState = iota
	alive
	ended
)

// owner returns the state of the gosv that took the lock. That gosv may have been
// moved out of its directory, and a child of it that has not executed its program
// may be there instead. A PID that was reused counts as alive.
func (d *StaleInstance) owner() (ownerState, error) {
	locker, err := d.tree.files.LockOwner(d.Path)
	if err != nil {
		return unknown, err
	}
	if locker == 0 { // the kernel does not show it
		inPlace, err := d.tree.files.ReadFile(d.Path + "/" + supervisorDir + "/cgroup.procs")
		if err == nil && len(inPlace) > 0 {
			return alive, nil
		}
		return unknown, err
	}
	stat, err := procfs.ReadStat(d.tree.files, locker)
	switch {
	case errors.Is(err, procfs.ErrGone), err == nil && !stat.Alive():
		return ended, nil
	case err != nil:
		return unknown, err
	}
	return alive, nil
}

// Contains reports whether a process is in the instance now.
func (d *StaleInstance) Contains(pid int) bool {
	pids, err := d.tree.Procs(d.Path)
	return err == nil && slices.Contains(pids, pid)
}

// Release releases the lock.
func (d *StaleInstance) Release() {
	if d.locked {
		d.tree.files.Unlock(d.Path)
	}
	d.locked = false
}

// Reclaim kills what is left in the instance and removes the directory, as far as
// that can be done now. Until it is done, call it again a little later; err is what
// the kernel refused. Where there is no cgroup.kill the members are frozen, and
// kill is called for each. When it is done the lock is released.
func (d *StaleInstance) Reclaim(kill func(pid int)) (done bool, err error) {
	populated, _, err := d.tree.Populated(d.Path)
	if IsGone(err) {
		d.Release()
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if !d.locked {
		_ = d.lock() // the child that held it may have ended by now
	}
	switch {
	case populated && d.locked:
		return false, d.kill(kill)
	case populated:
		gosv, err := d.owner()
		if gosv == ended {
			err = d.killEach(kill)
		}
		return gosv == alive, err // another gosv has reclaimed it and runs in its place
	case !d.locked:
		return false, nil // the holder has just been killed, or another gosv reclaims it
	}
	if err := d.removeServices(); err != nil {
		return false, err
	}
	if err := d.tree.Remove(d.Path); err != nil {
		return false, err
	}
	d.Release()
	return true, nil
}

// removeServices removes all directories but gosv's own, by which the instance is
// recognised.
func (d *StaleInstance) removeServices() error {
	dirs, err := d.tree.dirs(d.Path)
	if err != nil && !IsGone(err) {
		return fmt.Errorf("cannot list the cgroup %s: %w", d.Path, errno(err))
	}
	services := slices.DeleteFunc(dirs, func(dir string) bool { return dir == d.Path+"/"+supervisorDir })
	return errors.Join(d.tree.removeAll(services)...)
}

// kill kills every member. The directory is not used again, so cgroup.kill may be
// written to it. A member that is left the next time is killed by its PID, since
// cgroup.kill passes over a process whose first thread has ended. Frozen processes
// do not fork while they are killed one by one; a process that is not frozen yet
// is found the next time.
func (d *StaleInstance) kill(one func(pid int)) error {
	pids, err := d.members()
	if err != nil {
		return err
	}
	err = d.tree.Kill(d.Path)
	if errors.Is(err, ErrNoKill) {
		frozen := d.tree.Freeze(d.Path)
		each(pids, one)
		return errors.Join(frozen, d.tree.Thaw(d.Path))
	}
	if d.killRequested {
		each(pids, one)
	}
	d.killRequested = true
	return err
}

func each(pids []int, do func(pid int)) {
	for _, pid := range pids {
		do(pid)
	}
}

// killEach kills the members that are found now, each by its PID: without the
// lock, another gosv may take the directory at any moment.
func (d *StaleInstance) killEach(one func(pid int)) error {
	pids, err := d.members()
	each(pids, one)
	return err
}

// members returns the processes of the instance and adds them to Killed.
func (d *StaleInstance) members() ([]int, error) {
	pids, err := d.tree.Procs(d.Path)
	if err != nil {
		return nil, fmt.Errorf("cannot find what an ended gosv left: %w", err)
	}
	for _, pid := range pids {
		if !slices.Contains(d.Killed, pid) {
			d.Killed = append(d.Killed, pid)
		}
	}
	return pids, nil
}
