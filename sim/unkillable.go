package sim

import (
	"strings"

	"github.com/gosv/gosv/supervisor"
)

// checkUnkillable: 22. What is said to outlive KILL is in uninterruptible sleep, or
// out of reach by somebody's doing; a leader without its first thread hides that it
// is. While faults keep gosv from seeing or
// signalling, it may be wrong.
func (c *checker) checkUnkillable(n supervisor.Notice) {
	t := c.byName[n.Service]
	if t == nil || n.Level != supervisor.Error || !strings.HasPrefix(n.Text, "cannot be killed") {
		return
	}
	if strings.Contains(n.Text, "its start has not ended") {
		if _, aborted := c.givenUp[t.spawn]; !aborted {
			c.fail("22 every stop is answered", "%s is said to be unkillable, and its start was not aborted", n.Service)
		}
		return
	}
	if c.s.Machine.Faults != nil || c.blind() {
		return
	}
	for _, f := range t.families {
		if f.lastDeath > 0 && c.k.Now()-f.lastDeath <= c.notice()+c.s.lateness() {
			return // it was, until a moment ago
		}
	}
	for _, p := range c.k.Processes() {
		if f := c.family[p.Pid]; f != nil && f.of == t && (p.State == 'D' || p.State == 'Z' && c.died[p.Pid] < 0 || f.beyond) {
			return
		}
	}
	c.fail("22 every stop is answered", "%s is said to be unkillable, and is not", n.Service)
}
