package procfs

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strconv"

	"github.com/gosv/gosv/sys"
)

// Descriptor is an open file of a process.
type Descriptor struct {
	Number int
	// Target is the link's text (proc_pid_fd(5)): a path, " (deleted)" after it
	// if it is removed, or the like of socket:[1234] and anon_inode:[eventpoll].
	Target string
}

// ReadDescriptors lists /proc/PID/fd in the order of the numbers. One that is
// closed meanwhile is left out. A zombie has none; a process of another user is
// EACCES.
func ReadDescriptors(f sys.FileReader, pid int) ([]Descriptor, error) {
	dir := path(pid, "fd")
	entries, err := f.ReadDir(dir)
	if err != nil {
		return nil, explain(dir, err)
	}
	open := make([]Descriptor, 0, len(entries))
	for _, entry := range entries {
		name := entry.Name
		number, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		target, err := f.Readlink(dir + "/" + name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, explain(dir+"/"+name, err)
		}
		open = append(open, Descriptor{Number: number, Target: target})
	}
	slices.SortFunc(open, func(a, b Descriptor) int { return cmp.Compare(a.Number, b.Number) })
	return open, nil
}
