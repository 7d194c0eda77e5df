package fakesys

import (
	"path"
	"slices"
	"strings"
	"syscall"
)

func (fs *cgroupFS) mkdir(name string) syscall.Errno {
	parent, base := fs.at(path.Dir(name)), path.Base(name)
	switch {
	case fs.at(name) != nil:
		return syscall.EEXIST
	case parent == nil:
		return fs.absent(path.Dir(name))
	case cgroupFiles[base] != nil && cgroupFiles[base].in(parent):
		return syscall.EEXIST
	}
	if errno := parent.writable(); errno != 0 {
		return errno
	}
	if strings.Contains(base, "\n") {
		return syscall.EINVAL
	}
	level := 1
	for a := parent; a != nil; a = a.parent {
		if a.maxBelow >= 0 && a.descendants() >= a.maxBelow || a.maxDepth >= 0 && level > a.maxDepth {
			return syscall.EAGAIN
		}
		level++
	}
	fs.newGroup(parent, base)
	return 0
}

func (fs *cgroupFS) rmdir(w *World, name string) syscall.Errno {
	g := fs.at(name)
	if g == nil {
		return fs.absent(name)
	}
	if g.parent == nil {
		return syscall.EBUSY
	}
	if errno := g.parent.writable(); errno != 0 {
		return errno
	}
	if g.populated > 0 || len(g.children) > 0 {
		return syscall.EBUSY
	}
	g.remove()
	return 0
}

func (g *cgroup) remove() {
	g.removed = true
	g.parent.cpu.usage += g.cpu.usage
	g.parent.children = slices.DeleteFunc(g.parent.children, func(c *cgroup) bool { return c == g })
}

// absent returns the errno for a directory that does not exist: ENOTDIR below a file,
// otherwise ENOENT.
func (fs *cgroupFS) absent(name string) syscall.Errno {
	for ; fs.holds(name); name = path.Dir(name) {
		if _, file := fs.split(name); file != nil {
			return syscall.ENOTDIR
		}
	}
	return syscall.ENOENT
}

// readlink fails, because this file system has no symbolic links.
func (fs *cgroupFS) readlink(name string) syscall.Errno {
	if _, file := fs.split(name); file != nil || fs.at(name) != nil {
		return syscall.EINVAL
	}
	return syscall.ENOENT
}

func (fs *cgroupFS) readDir(name string) ([]string, syscall.Errno) {
	g := fs.at(name)
	if g == nil {
		return nil, fs.absent(name)
	}
	return g.names(), 0
}

func (fs *cgroupFS) readFile(name string) (string, syscall.Errno) {
	g, file := fs.split(name)
	switch {
	case fs.at(name) != nil:
		return "", syscall.EISDIR
	case g == nil:
		return "", fs.absent(path.Dir(name))
	case file == nil:
		return "", syscall.ENOENT
	case file.read == nil:
		return "", syscall.EINVAL
	}
	return file.read(g)
}

func (fs *cgroupFS) writeFile(k *Kernel, name, text string) syscall.Errno {
	g, file := fs.split(name)
	switch {
	case fs.at(name) != nil:
		return syscall.EISDIR
	case g == nil:
		return fs.absent(path.Dir(name))
	case file == nil:
		return syscall.ENOENT
	}
	if errno := g.writable(); errno != 0 {
		return errno
	}
	if text == "" {
		return 0 // kernfs does not pass an empty write to the file
	}
	if file.write == nil {
		return syscall.EINVAL
	}
	if file.of != 0 && g.path() == fs.opt.Delegated && g.parent != nil {
		return syscall.EACCES // the limits of the delegated cgroup belong to the delegating user
	}
	return file.write(k, g, text)
}
