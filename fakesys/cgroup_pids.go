package fakesys

import (
	"fmt"
	"syscall"
)

// pids is the pids controller of a group.
type pids struct {
	max     int // -1 is none
	current int // zombies are counted until they are reaped
	refused int
}

var pidsFiles = []cgroupFile{
	{name: "pids.max", of: pidsController, read: show(func(g *cgroup) string { return maxText(int64(g.pids.max)) }),
		write: func(_ *Kernel, g *cgroup, text string) syscall.Errno {
			if errno := writeMax(text, &g.pids.max); errno != 0 {
				return syscall.EINVAL
			}
			return 0
		}},
	{name: "pids.current", of: pidsController, read: show(func(g *cgroup) string { return fmt.Sprintln(g.pids.current) })},
	{name: "pids.events", of: pidsController, read: show(func(g *cgroup) string { return fmt.Sprintf("max %d\n", g.pids.refused) })},
}

// mayFork checks whether n more processes are allowed (pids_can_fork). A refusal is
// counted in the cgroup whose limit it is (since Linux 6.11).
func (g *cgroup) mayFork(n int) syscall.Errno {
	for a := g; a.parent != nil; a = a.parent {
		if a.available()&pidsController != 0 && a.pids.max >= 0 && a.pids.current+n > a.pids.max {
			a.pids.refused++
			return syscall.EAGAIN
		}
	}
	return 0
}
