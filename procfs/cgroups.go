package procfs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gosv/gosv/sys"
)

// Controller is one line of /proc/cgroups: a cgroup controller of the kernel.
type Controller struct {
	Name      string
	Hierarchy int // of cgroup v1; 0: free for v2, or in use there
	Enabled   bool
}

// ReadControllers reads /proc/cgroups.
func ReadControllers(f sys.FileReader) ([]Controller, error) {
	const file = "/proc/cgroups"
	text, err := f.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", file, err)
	}
	list, err := ParseControllers(text)
	if err != nil {
		return nil, fmt.Errorf("cannot understand %s: %w", file, err)
	}
	return list, nil
}

// ParseControllers reads /proc/cgroups as in cgroups(7): name, hierarchy, number
// of groups, enabled.
func ParseControllers(text []byte) ([]Controller, error) {
	var list []Controller
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 4 {
			return nil, fmt.Errorf("the line %q has not four fields", line)
		}
		hierarchy, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, fmt.Errorf("the line %q names no hierarchy", line)
		}
		list = append(list, Controller{Name: words[0], Hierarchy: hierarchy, Enabled: words[3] == "1"})
	}
	return list, nil
}
