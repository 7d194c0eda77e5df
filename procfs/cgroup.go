package procfs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Cgroup is one line of /proc/PID/cgroup: the place of a process in one
// hierarchy.
type Cgroup struct {
	Hierarchy   int      // 0 is cgroup v2
	Controllers []string // of a v1 hierarchy; "name=systemd" is a named one
	// Path is below the root of the reader's cgroup namespace; one outside it
	// begins with "/..", and that of a removed group ends in " (deleted)".
	Path string
}

// ReadCgroup reads /proc/PID/cgroup.
func ReadCgroup(f sys.Files, pid int) ([]Cgroup, error) { return read(f, pid, "cgroup", ParseCgroup) }

// Unified gives the path of the cgroup v2 line; ok is false if there is none.
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
	var groups []Cgroup
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 || !strings.HasPrefix(parts[2], "/") {
			return nil, fmt.Errorf("the line %q is not number:controllers:/path", line)
		}
		number, err := strconv.Atoi(parts[0])
		if err != nil {
			return nil, fmt.Errorf("the line %q does not begin with a number", line)
		}
		g := Cgroup{Hierarchy: number, Path: parts[2]}
		if parts[1] != "" {
			g.Controllers = strings.Split(parts[1], ",")
		}
		groups = append(groups, g)
	}
	return groups, nil
}
