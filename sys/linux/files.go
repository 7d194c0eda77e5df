package linux

import (
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// The files are read and written by raw system calls, because os.File gives cgroup files
// to Go's poller and then waits for ever on EAGAIN. All of it is safe for concurrent use.

const maxFile = 16 << 20

func open(path string, flags int) (int, error) {
	return retry(func() (int, error) { return unix.Open(path, flags|unix.O_CLOEXEC, 0) })
}

// onPath names the file in an error; the errno stays reachable.
func onPath(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}

// ReadFile implements sys.Files.
func (k *Kernel) ReadFile(path string) ([]byte, error) {
	fd, err := open(path, unix.O_RDONLY)
	if err != nil {
		return nil, onPath("open", path, err)
	}
	defer unix.Close(fd)
	// Most files of /proc and of cgroups are short, and many are read at once: what
	// is not kept is not made on the heap.
	var first [1024]byte
	data := first[:0]
	for {
		n, err := retry(func() (int, error) { return unix.Read(fd, data[len(data):cap(data)]) })
		switch {
		case err != nil:
			return nil, onPath("read", path, err)
		case n == 0:
			return slices.Clone(data), nil
		}
		data = data[:len(data)+n]
		if len(data) > maxFile {
			return nil, onPath("read", path, unix.EFBIG)
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, 3*len(data))
		}
	}
}

// WriteFile implements sys.Files.
func (k *Kernel) WriteFile(path string, data []byte) error {
	fd, err := open(path, unix.O_WRONLY)
	if err != nil {
		return onPath("open", path, err)
	}
	defer unix.Close(fd)
	_, err = retry(func() (int, error) { return unix.Write(fd, data) })
	return onPath("write", path, err)
}

// Mkdir implements sys.Files.
func (k *Kernel) Mkdir(path string) error {
	_, err := retry(func() (int, error) { return 0, unix.Mkdir(path, 0o755) })
	return onPath("mkdir", path, err)
}

// Rmdir implements sys.Files.
func (k *Kernel) Rmdir(path string) error {
	_, err := retry(func() (int, error) { return 0, unix.Rmdir(path) })
	return onPath("rmdir", path, err)
}

// ReadDir implements sys.Files.
func (k *Kernel) ReadDir(path string) ([]sys.DirEntry, error) {
	fd, err := open(path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, onPath("open", path, err)
	}
	defer unix.Close(fd)
	entries, buf := []sys.DirEntry{}, make([]byte, 8192)
	for {
		n, err := retry(func() (int, error) { return unix.ReadDirent(fd, buf) })
		if err != nil {
			return nil, onPath("readdir", path, err)
		}
		if n == 0 {
			slices.SortFunc(entries, func(a, b sys.DirEntry) int { return strings.Compare(a.Name, b.Name) })
			return entries, nil
		}
		entries = appendEntries(entries, buf[:n])
	}
}

// appendEntries reads records of struct linux_dirent64 (getdents64(2)). The file
// systems that this is for always know the type of an entry.
func appendEntries(entries []sys.DirEntry, buf []byte) []sys.DirEntry {
	const lengthAt, typeAt, nameAt = 16, 18, 19
	for len(buf) > nameAt {
		record := buf[:binary.NativeEndian.Uint16(buf[lengthAt:])]
		buf = buf[len(record):]
		name := unix.ByteSliceToString(record[nameAt:])
		if name != "." && name != ".." {
			entries = append(entries, sys.DirEntry{Name: name, Dir: record[typeAt] == unix.DT_DIR})
		}
	}
	return entries
}

// Readlink implements sys.Files.
func (k *Kernel) Readlink(path string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := retry(func() (int, error) { return unix.Readlink(path, buf) })
	if err != nil {
		return "", onPath("readlink", path, err)
	}
	return string(buf[:n]), nil
}
