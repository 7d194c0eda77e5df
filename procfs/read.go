package procfs

import (
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// ErrGone says that the process does not exist any more, or that its number
// belongs to another one now. For environ and smaps_rollup it may also be a
// zombie, which has no memory.
var ErrGone = errors.New("the process is gone")

// path is /proc/PID/NAME.
func path(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// explain turns the error of a read into a sentence, and ENOENT (the directory
// went before the open) and ESRCH (the process went between open and read) into
// ErrGone.
func explain(file string, err error) error {
	if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ESRCH) {
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
