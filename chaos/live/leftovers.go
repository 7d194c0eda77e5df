package live

import (
	"strings"

	"github.com/gosv/gosv/procfs"
)

// findLeftovers looks, once for each main process, for processes of an earlier run of its
// service: gosv kills those before it starts the next run. A process that was found before
// the main process started is checked again.
func (o *observer) findLeftovers(found []Process) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range found {
		l := o.living[p.Pid]
		if l == nil || l.StartTime != p.StartTime || l.compared {
			continue
		}
		l.compared = true
		for _, other := range found {
			if other.Service == p.Service && other.Pid != p.Pid && isOfOtherInstance(other, p) && isAlive(other) && !hasExited(l.fd) {
				l.Leftovers = append(l.Leftovers, other.Pid)
			}
		}
	}
}

// isOfOtherInstance reports whether a process belongs to another run than a main process.
// gosv gives each run an invocation ID; a gosv that is a service appends its own to that.
func isOfOtherInstance(p, main Process) bool {
	id, _ := procfs.Getenv(p.Env, procfs.InvocationVariable)
	own, _ := procfs.Getenv(main.Env, procfs.InvocationVariable)
	return id != "" && own != "" && id != own && !strings.HasPrefix(id, own+"/")
}
