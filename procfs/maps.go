package procfs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Mapping is one line of /proc/PID/maps.
type Mapping struct {
	Start, End uint64 // addresses; End is the first one after it
	Perms      string // r w x or -, then p (private) or s (shared)
	Offset     uint64 // in the file, bytes
	Device     string // major:minor, hexadecimal
	Inode      uint64
	// Path is a file, something like [heap] or [stack], or "" for anonymous
	// memory. That of a removed file ends in " (deleted)"; a newline is \012.
	Path string
}

// Size is its length in bytes.
func (m Mapping) Size() uint64 { return m.End - m.Start }

// ReadMaps reads /proc/PID/maps. It waits for the memory lock of the process.
// A zombie and a kernel thread have no mapping; a process of another user is
// EACCES.
func ReadMaps(f sys.FileReader, pid int) ([]Mapping, error) { return read(f, pid, "maps", ParseMaps) }

// ParseMaps reads lines as in proc_pid_maps(5):
//
//	00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/dbus-daemon
func ParseMaps(text []byte) ([]Mapping, error) {
	var maps []Mapping
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		m, ok := parseMapping(line)
		if !ok {
			return nil, fmt.Errorf("the line %q is no mapping", line)
		}
		maps = append(maps, m)
	}
	return maps, nil
}

func parseMapping(line string) (m Mapping, ok bool) {
	words := strings.SplitN(line, " ", 6)
	if len(words) < 5 || len(words[1]) != 4 {
		return m, false
	}
	from, to, _ := strings.Cut(words[0], "-")
	var errs [4]error
	m.Start, errs[0] = strconv.ParseUint(from, 16, 64)
	m.End, errs[1] = strconv.ParseUint(to, 16, 64)
	m.Perms, m.Device = words[1], words[3]
	m.Offset, errs[2] = strconv.ParseUint(words[2], 16, 64)
	m.Inode, errs[3] = strconv.ParseUint(words[4], 10, 64)
	if len(words) == 6 {
		m.Path = strings.TrimLeft(words[5], " ")
	}
	return m, errs == [4]error{} && m.Start < m.End
}

// Anonymous is the path under which a summary counts memory without one.
const Anonymous = "[anonymous]"

// MapSummary is what one file, or anonymous memory, takes of an address space.
type MapSummary struct {
	Path  string
	Size  uint64 // bytes of address space, not of resident memory
	Count int    // mappings
}

// SummarizeMaps adds mappings up by path, the largest first.
func SummarizeMaps(maps []Mapping) []MapSummary {
	var sums []MapSummary
	place := map[string]int{}
	for _, m := range maps {
		path := m.Path
		if path == "" {
			path = Anonymous
		}
		i, ok := place[path]
		if !ok {
			i = len(sums)
			place[path] = i
			sums = append(sums, MapSummary{Path: path})
		}
		sums[i].Size += m.Size()
		sums[i].Count++
	}
	slices.SortFunc(sums, func(a, b MapSummary) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), strings.Compare(a.Path, b.Path))
	})
	return sums
}
