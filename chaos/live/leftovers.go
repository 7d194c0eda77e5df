package live

import (
	"strings"

	"github.com/gosv/gosv/procfs"
)

// compare looks, once for each main process, for what an earlier start of its service
// left: gosv kills that before it starts another. What was found before the main process
// was born is looked at again.
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

// isOfAnother tells whether a process is of another start than a main process: gosv gives each
// start a word, and a gosv that is a service adds its own to that.
func isOfOtherInstance(p, main Process) bool {
	word, _ := procfs.Getenv(p.Env, procfs.InvocationVariable)
	own, _ := procfs.Getenv(main.Env, procfs.InvocationVariable)
	return word != "" && own != "" && word != own && !strings.HasPrefix(word, own+"/")
}
