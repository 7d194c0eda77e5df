package linux

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ReleaseProgramPages unmaps the pages of gosv's own program file. A program touches
// most of them only while it starts, and those that it needs later come back from the
// page cache. Mappings with pages of their own are left alone: these hold the relocated
// addresses of a position-independent program, which the file does not.
func ReleaseProgramPages() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range cleanMappings(string(smaps), program) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.begin, m.end-m.begin, unix.MADV_DONTNEED) // it is advice
	}
}

// mapping is a range of addresses.
type mapping struct{ begin, end uintptr }

// cleanMappings finds the mappings of a file that are not writable and have no page
// that differs from the file (proc_pid_smaps(5)).
func cleanMappings(smaps, file string) (clean []mapping) {
	var m mapping
	ours := false
	for line := range strings.Lines(smaps) {
		fields := strings.Fields(line)
		if begin, end, is := strings.Cut(fields[0], "-"); is {
			m = mapping{hexAddress(begin), hexAddress(end)}
			ours = m.begin < m.end && len(fields) >= 6 && strings.Join(fields[5:], " ") == file && !strings.Contains(fields[1], "w")
		} else if ours && fields[0] == "Anonymous:" && fields[1] == "0" {
			clean = append(clean, m)
		}
	}
	return clean
}

// hexAddress returns 0 for what is no address.
func hexAddress(hex string) uintptr {
	n, err := strconv.ParseUint(hex, 16, 64)
	if err != nil {
		return 0
	}
	return uintptr(n)
}
