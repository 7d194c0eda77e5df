package linux

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Tidy gives back what only the start of a program needed: the free heap, and
// the pages of its own file, most of which are never looked at again. Those that
// are come back from the page cache, a few at a time.
func Tidy() {
	debug.FreeOSMemory()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if m, ok := parseMapping(line); ok && m.path == program && !strings.Contains(m.mode, "w") {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.begin, m.end-m.begin, unix.MADV_DONTNEED) // it is advice
		}
	}
}

// mapping is a line of /proc/PID/maps (proc_pid_maps(5)).
type mapping struct {
	begin, end uintptr
	mode, path string
}

func parseMapping(line string) (m mapping, ok bool) {
	// address perms offset dev inode path
	fields := strings.Fields(line)
	if len(fields) < 6 {
		return m, false
	}
	begin, end, _ := strings.Cut(fields[0], "-")
	m.mode, m.path = fields[1], strings.Join(fields[5:], " ")
	m.begin, ok = address(begin)
	if ok {
		m.end, ok = address(end)
	}
	return m, ok && m.begin < m.end
}

func address(hex string) (uintptr, bool) {
	n, err := strconv.ParseUint(hex, 16, 64)
	return uintptr(n), err == nil
}
