package filestest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// Kernel is the real thing, by plain system calls.
type Kernel struct{}

// ReadFile is sys.Files.ReadFile.
func (Kernel) ReadFile(name string) ([]byte, error) {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer syscall.Close(fd)
	var text []byte
	part := make([]byte, 16<<10)
	for {
		n, err := syscall.Read(fd, part)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, &fs.PathError{Op: "read", Path: name, Err: err}
		}
		if n == 0 {
			return text, nil
		}
		text = append(text, part[:n]...)
	}
}

// WriteFile is sys.Files.WriteFile. Not os.WriteFile: its poller would wait for
// ever where a cgroup file answers EAGAIN.
func (Kernel) WriteFile(name string, data []byte) error {
	fd, err := syscall.Open(name, syscall.O_WRONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer syscall.Close(fd)
	if _, err = syscall.Write(fd, data); err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

// Mkdir is sys.Files.Mkdir.
func (Kernel) Mkdir(name string) error { return os.Mkdir(name, 0o755) }

// Rmdir is sys.Files.Rmdir.
func (Kernel) Rmdir(name string) error {
	if err := syscall.Rmdir(name); err != nil {
		return &fs.PathError{Op: "rmdir", Path: name, Err: err}
	}
	return nil
}

// ReadDir is sys.Files.ReadDir.
func (Kernel) ReadDir(name string) ([]sys.DirEntry, error) {
	found, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	entries := make([]sys.DirEntry, len(found))
	for i, e := range found {
		entries[i] = sys.DirEntry{Name: e.Name(), Dir: e.IsDir()}
	}
	return entries, nil
}

// Readlink is sys.Files.Readlink.
func (Kernel) Readlink(name string) (string, error) { return os.Readlink(name) }

// locked are the descriptors of the flocks that the test holds, by path.
var locked sync.Map

// Lock is sys.Files.Lock.
func (Kernel) Lock(name string) error {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if err = syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		var opened, named syscall.Stat_t
		if err = errors.Join(syscall.Fstat(fd, &opened), syscall.Stat(name, &named)); err == nil && opened.Ino != named.Ino {
			err = syscall.ENOENT
		}
	}
	if err != nil {
		syscall.Close(fd)
		return &fs.PathError{Op: "flock", Path: name, Err: err}
	}
	locked.Store(name, fd)
	return nil
}

// Unlock is sys.Files.Unlock.
func (Kernel) Unlock(name string) {
	fd, _ := locked.LoadAndDelete(name)
	syscall.Close(fd.(int))
}

// Locker is sys.Files.Locker.
func (Kernel) LockOwner(name string) (int, error) {
	var dir syscall.Stat_t
	if err := syscall.Stat(name, &dir); err != nil {
		return 0, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(table)) {
		var pid int
		var file string
		if n, _ := fmt.Sscanf(line, "%d: FLOCK ADVISORY WRITE %d %s", new(int), &pid, &file); n == 3 && strings.HasSuffix(file, ":"+strconv.FormatUint(dir.Ino, 10)) {
			return pid, nil
		}
	}
	return 0, nil
}
