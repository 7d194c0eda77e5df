package sim

import (
	"strings"

	"github.com/gosv/gosv/supervisor"
)

// checkUnkillable: 22. What is said to outlive KILL is in uninterruptible sleep, or
// out of reach by somebody's doing. While faults keep gosv from seeing or
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
		if f := c.family[p.Pid]; f != nil && f.of == t && (p.Blocked || f.beyond) {
			return
		}
	}
	c.fail("22 every stop is answered", "%s is said to be unkillable, and is not", n.Service)
}

// checkLeftBehind: 24. What a dead gosv left is left alone only if it cannot be killed.
func (c *checker) checkLeftBehind(n supervisor.Notice) {
	if !strings.Contains(n.Text, "of a dead gosv could not be emptied") || c.s.Machine.Faults != nil || c.s.Machine.MaxFiles > 0 {
		return
	}
	for _, p := range c.k.Processes() {
		if p.Blocked && c.inDeadGroup(p.Pid) {
			return
		}
	}
	c.fail("24 nothing is left", "%s", n.Text)
}
