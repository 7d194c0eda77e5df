package cgroupfs

import (
	"errors"
	"fmt"
	"slices"
	"syscall"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// StaleInstance is an instance of a gosv that has died without removing it. Whoever holds
// a StaleInstance holds the lock of its directory, so that no one else buries it; unless a
// child of the dead gosv has the lock, see FindStaleInstances.
type StaleInstance struct {
	Path   string
	Killed []int // processes that were alive in it, as far as Bury has met them

	locked        bool
	killRequested bool // killed as a whole
	tree          Tree // of which only files are used
}

// FindStaleInstances finds the instances of dead gosvs beside the one that Probe would
// make. An instance is known by its name and its shape: no process in the directory
// itself, and in it either the directory supervisor or no directory at all. It is dead if
// its lock is free; or if a child of the dead has the lock, which see isAbandoned.
// ARCHITECTURE.md has the reasons why no living gosv is ever met.
//
// Each is to be given back by Release, or by a Bury that is done. An error means
// that there may be more: the machine lacked something (descriptors, memory) to
// look closer, and may have it the next time.
func FindStaleInstances(f sys.Files, pid int, o Options) (found []*StaleInstance, err error) {
	own, _, problem := locate(f, pid, o)
	if problem != nil {
		return nil, onlyShortage(problem.Err)
	}
	entries, err := f.ReadDir(own)
	if err != nil {
		return nil, onlyShortage(err)
	}
	var errs []error
	for _, entry := range entries {
		name := entry.Name
		if !entry.Dir || !instanceNames.MatchString(name) {
			continue
		}
		d := &StaleInstance{Path: own + "/" + name, tree: Tree{files: f}}
		err := d.lock()
		if err != nil && errno(err) != syscall.EWOULDBLOCK {
			errs = append(errs, onlyShortage(err))
			continue
		}
		is, err := d.isInstance()
		if is && !d.locked {
			is, err = d.isAbandoned()
		}
		if is {
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
	return fmt.Errorf("cannot look for what dead gosvs left: %w", errno(err))
}

// isInstance tells whether gosv has made the directory, by its shape.
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

// isAbandoned tells whether an instance is a dead gosv's though its lock was held:
// by a child of it that has not come to its program.
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
	switch err := d.lock(); errno(err) { // it may be free by now: the child is dead, or let go of it at its exec
	case nil:
		return d.isInstance()
	case syscall.EWOULDBLOCK:
		return false, nil
	default:
		return false, err
	}
}

// ownerState is what has become of a gosv.
type ownerState int

const (
	unknown ownerState = iota
	alive
	ended
)

// owner tells what has become of the gosv that took the lock. It may have been moved
// out of its place, and in its place may be a child of it that has not come to its
// program. A number that is somebody else's by now counts as alive.
func (d *StaleInstance) owner() (ownerState, error) {
	locker, err := d.tree.files.LockOwner(d.Path)
	if err != nil {
		return unknown, err
	}
	if locker == 0 { // the kernel does not say
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

// Contains tells whether a process is in the instance now.
func (d *StaleInstance) Contains(pid int) bool {
	pids, err := d.tree.Procs(d.Path)
	return err == nil && slices.Contains(pids, pid)
}

// Release gives the lock up.
func (d *StaleInstance) Release() {
	if d.locked {
		d.tree.files.Unlock(d.Path)
	}
	d.locked = false
}

// Bury kills what lives in the instance and removes the directory, as far as that
// can be done now. Unless it is done, call it again a little later; err tells what
// the kernel refused, if it did. Where there is no cgroup.kill the members are
// frozen, and kill is called for each. When it is done the lock is given up.
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
		_ = d.lock() // a child had it, and may be dead by now
	}
	switch {
	case populated && d.locked:
		return false, d.kill(kill)
	case populated:
		gosv, err := d.owner()
		if gosv == ended {
			err = d.killEach(kill)
		}
		return gosv == alive, err // another has buried it, and lives in its place
	case !d.locked:
		return false, nil // who had it has just been killed, or another gosv buries it
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

// removeServices removes all but gosv's own directory, by which the instance is
// known.
func (d *StaleInstance) removeServices() error {
	dirs, err := d.tree.dirs(d.Path)
	if err != nil && !IsGone(err) {
		return fmt.Errorf("cannot list the cgroup %s: %w", d.Path, errno(err))
	}
	services := slices.DeleteFunc(dirs, func(dir string) bool { return dir == d.Path+"/"+supervisorDir })
	return errors.Join(d.tree.removeAll(services)...)
}

// kill kills every member. The directory is not used again, so it may be killed as
// a whole; whoever is still there the next time is killed by himself, since
// cgroup.kill passes over a process whose first thread has ended. Frozen processes do not fork while they are killed one by one; one that
// is not (a freeze takes a while) is met the next time.
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

// killEach kills the members that are found now, by their handles: without the
// lock, the directory may be another's at any moment.
func (d *StaleInstance) killEach(one func(pid int)) error {
	pids, err := d.members()
	each(pids, one)
	return err
}

// members gives those that live in the instance, and remembers them.
func (d *StaleInstance) members() ([]int, error) {
	pids, err := d.tree.Procs(d.Path)
	if err != nil {
		return nil, fmt.Errorf("what a dead gosv left cannot be found: %w", err)
	}
	for _, pid := range pids {
		if !slices.Contains(d.Killed, pid) {
			d.Killed = append(d.Killed, pid)
		}
	}
	return pids, nil
}
