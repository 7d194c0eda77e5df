package procfs

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Cgroup is one line of /proc/PID/cgroup: the place of a process in one
// hierarchy.
type Cgroup struct {
	Hierarchy   int    // 0 is cgroup v2
	Controllers string // of a v1 hierarchy, by commas; "name=systemd" is a named one
	// Path is below the root of the reader's cgroup namespace; one outside it
	// begins with "/..", and that of a removed group ends in " (deleted)".
	Path string
}

// ReadCgroup reads /proc/PID/cgroup.
func ReadCgroup(f sys.FileReader, pid int) ([]Cgroup, error) {
	return read(f, pid, "cgroup", ParseCgroup)
}

// Unified returns the path of the cgroup v2 line; ok is false if there is none.
func Unified(groups []Cgroup) (path string, ok bool) {
	for _, g := range groups {
		if g.Hierarchy == 0 {
			return g.Path, true
		}
	}
	return "", false
}

// ParseCgroup reads lines "number:controllers:path" (cgroups(7)). A path may
// contain ":".
func ParseCgroup(text []byte) ([]Cgroup, error) {
	groups := make([]Cgroup, 0, bytes.Count(text, []byte("\n"))+1)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		number, rest, _ := strings.Cut(line, ":")
		controllers, path, _ := strings.Cut(rest, ":")
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("the line %q is not number:controllers:/path", line)
		}
		hierarchy, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("the line %q does not begin with a number", line)
		}
		groups = append(groups, Cgroup{Hierarchy: hierarchy, Controllers: controllers, Path: path})
	}
	return groups, nil
}
