package procfs

import (
	"strings"

	"github.com/gosv/gosv/sys"
)

// ReadCmdline reads /proc/PID/cmdline: the program's arguments, the first being
// argv[0]. There are none for a zombie and a kernel thread. A program may write
// anything over it.
func ReadCmdline(f sys.FileReader, pid int) ([]string, error) {
	return read(f, pid, "cmdline", ParseCmdline)
}

// ParseCmdline splits at NUL bytes; an argument may be empty. It never fails.
func ParseCmdline(text []byte) ([]string, error) {
	if len(text) == 0 {
		return nil, nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00"), nil
}
