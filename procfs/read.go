package procfs

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// ErrGone means that the process does not exist any more, or that its PID belongs to
// another process now. For environ and smaps_rollup it may also be a zombie, which has
// no memory.
var ErrGone = errors.New("the process is gone")

// Reader reads files and directories. Paths are absolute. [sys.Files] is one, and
// FromFS makes one of any file system.
type Reader interface {
	ReadFile(path string) ([]byte, error)
	// ReadDir returns the entries of a directory. Those of /proc need no types.
	ReadDir(path string) ([]sys.DirEntry, error)
	Readlink(path string) (string, error)
}

// FromFS reads below the root of a file system: FromFS(os.DirFS("/")) reads this
// machine's /proc, and FromFS(os.DirFS("/tmp/copy")) one that was copied.
func FromFS(root fs.FS) Reader { return fsReader{root} }

type fsReader struct{ root fs.FS }

func (r fsReader) ReadFile(path string) ([]byte, error) {
	return fs.ReadFile(r.root, strings.TrimPrefix(path, "/"))
}

func (r fsReader) Readlink(path string) (string, error) {
	return fs.ReadLink(r.root, strings.TrimPrefix(path, "/"))
}

func (r fsReader) ReadDir(path string) ([]sys.DirEntry, error) {
	list, err := fs.ReadDir(r.root, strings.TrimPrefix(path, "/"))
	entries := make([]sys.DirEntry, len(list))
	for i, e := range list {
		entries[i] = sys.DirEntry{Name: e.Name(), Dir: e.IsDir()}
	}
	return entries, err
}

// path is /proc/PID/NAME.
func path(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// explain makes a sentence of the error of a read, and ErrGone of ENOENT (the process
// ended before the open) and of ESRCH (it ended between open and read).
func explain(file string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("cannot read %s: %w (%w)", file, ErrGone, err)
	}
	return fmt.Errorf("cannot read %s: %w", file, err)
}

// read reads and parses one file of one process.
func read[T any](f sys.FileReader, pid int, name string, parse func([]byte) (T, error)) (T, error) {
	file := path(pid, name)
	text, err := f.ReadFile(file)
	if err != nil {
		var zero T
		return zero, explain(file, err)
	}
	parsed, err := parse(text)
	if err != nil {
		var zero T
		return zero, fmt.Errorf("cannot understand %s: %w", file, err)
	}
	return parsed, nil
}
