package fakesys

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// ReadFile reads a file of the cgroup file system or of /proc.
func (k *Kernel) ReadFile(name string) ([]byte, error) {
	k.call()
	text, errno := k.readFile(name)
	k.done(OpReadFile, len(text), 0, name, asError(errno))
	if errno != 0 {
		return nil, errno
	}
	return []byte(text), nil
}

func (k *Kernel) readFile(name string) (string, syscall.Errno) {
	if errno := k.fault(OpReadFile, path.Base(name)); errno != 0 {
		return "", errno
	}
	if k.cgroups != nil && k.cgroups.holds(name) {
		return k.cgroups.readFile(name)
	}
	if rest, ok := strings.CutPrefix(name, "/proc/"); ok {
		return k.procRead(rest)
	}
	return "", k.elsewhere(OpReadFile, name)
}

// WriteFile writes to a control file.
func (k *Kernel) WriteFile(name string, data []byte) error {
	k.call()
	errno := k.fault(OpWriteFile, path.Base(name))
	switch {
	case errno != 0:
	case k.cgroups != nil && k.cgroups.holds(name):
		errno = k.cgroups.writeFile(k, name, string(data))
	default:
		errno = k.elsewhere(OpWriteFile, name)
	}
	k.done(OpWriteFile, len(data), 0, name+" "+string(data), asError(errno))
	return asError(errno)
}

// Mkdir creates a cgroup.
func (k *Kernel) Mkdir(name string) error {
	k.call()
	errno := k.fault(OpMkdir, path.Base(name))
	switch {
	case errno != 0:
	case k.cgroups != nil && k.cgroups.holds(name):
		errno = k.cgroups.mkdir(name)
	default:
		errno = k.elsewhere(OpMkdir, name)
	}
	k.done(OpMkdir, 0, 0, name, asError(errno))
	return asError(errno)
}

// Rmdir removes a cgroup.
func (k *Kernel) Rmdir(name string) error {
	k.call()
	errno := k.fault(OpRmdir, path.Base(name))
	switch {
	case errno != 0:
	case k.cgroups != nil && k.cgroups.holds(name):
		errno = k.cgroups.rmdir(k.World, name)
	default:
		errno = k.elsewhere(OpRmdir, name)
	}
	k.done(OpRmdir, 0, 0, name, asError(errno))
	return asError(errno)
}

// ReadDir lists a cgroup or a directory of /proc.
func (k *Kernel) ReadDir(name string) ([]sys.DirEntry, error) {
	k.call()
	name = strings.TrimSuffix(name, "/")
	names, errno := k.readDir(name)
	slices.Sort(names)
	k.done(OpReadDir, len(names), 0, name, asError(errno))
	if errno != 0 {
		return nil, errno
	}
	entries := make([]sys.DirEntry, len(names))
	for i, entry := range names {
		entries[i] = sys.DirEntry{Name: entry, Dir: k.isDir(name, entry)}
	}
	return entries, nil
}

// isDir reports whether an entry of a directory is a directory.
func (k *Kernel) isDir(dir, entry string) bool {
	if k.cgroups != nil && k.cgroups.holds(dir) {
		return k.cgroups.at(dir+"/"+entry) != nil
	}
	switch path.Base(dir) {
	case "fd", "fdinfo":
		return false
	}
	_, err := strconv.Atoi(entry)
	return err == nil || entry == "fd" || entry == "task"
}

func (k *Kernel) readDir(name string) ([]string, syscall.Errno) {
	if errno := k.fault(OpReadDir, path.Base(name)); errno != 0 {
		return nil, errno
	}
	if k.cgroups != nil && k.cgroups.holds(name) {
		return k.cgroups.readDir(name)
	}
	if rest, ok := strings.CutPrefix(name+"/", "/proc/"); ok {
		return k.procList(strings.TrimSuffix(rest, "/"))
	}
	return nil, k.elsewhere(OpReadDir, name)
}

// Readlink reads a link of /proc.
func (k *Kernel) Readlink(name string) (string, error) {
	k.call()
	to, errno := "", k.fault(OpReadlink, path.Base(name))
	if errno == 0 {
		if rest, ok := strings.CutPrefix(name, "/proc/"); ok {
			to, errno = k.procLink(rest)
		} else if k.cgroups != nil && k.cgroups.holds(name) {
			errno = k.cgroups.readlink(name)
		} else {
			errno = k.elsewhere(OpReadlink, name)
		}
	}
	k.done(OpReadlink, 0, 0, name, asError(errno))
	return to, asError(errno)
}

// elsewhere returns the errno for a path outside the cgroup file system and /proc. Without
// cgroups their usual directory is empty. Nothing else is modelled.
func (k *Kernel) elsewhere(op Op, name string) syscall.Errno {
	if name == "/sys/fs/cgroup" || strings.HasPrefix(name, "/sys/fs/cgroup/") {
		if op == OpMkdir {
			return syscall.EROFS
		}
		return syscall.ENOENT
	}
	if _, errno := k.lookupFile(name); errno != 0 && !strings.HasPrefix(name, "/sys/") && !strings.HasPrefix(name, "/dev/") {
		return errno
	}
	panic("fakesys: " + op.String() + " of " + name + " is not modelled")
}

func asError(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errno
}
