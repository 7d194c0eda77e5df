package fakesys

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cpu is the cpu controller of a cgroup. It stores and shows limits, but they do not slow
// down scripts.
type cpu struct {
	quota  int // microseconds, -1 is none
	period int
	weight int
	usage  time.Duration // of processes that have left
}

func newCPU() cpu { return cpu{quota: -1, period: 100_000, weight: 100} }

var cpuFiles = []cgroupFile{
	{name: "cpu.stat", root: true, read: show(readCPUStat)},
	{name: "cpu.max", of: cpuController, write: writeCPUMax, read: show(func(g *cgroup) string {
		return strings.TrimSpace(maxText(int64(g.cpu.quota))) + fmt.Sprintf(" %d\n", g.cpu.period)
	})},
	{name: "cpu.weight", of: cpuController, read: show(func(g *cgroup) string { return fmt.Sprintln(g.cpu.weight) }),
		write: func(_ *Kernel, g *cgroup, text string) syscall.Errno {
			n, errno := oneOf(text, 1, 10000)
			if errno == 0 {
				g.cpu.weight = n
			}
			return errno
		}},
}

func readCPUStat(g *cgroup) string {
	var used time.Duration
	g.down(func(c *cgroup) {
		used += c.cpu.usage
		for _, p := range c.members {
			used += p.cpu
		}
	})
	us := used.Microseconds()
	text := fmt.Sprintf("usage_usec %d\nuser_usec %d\nsystem_usec %d\n", us, us/2, us-us/2)
	if g.available()&cpuController != 0 && g.parent != nil {
		text += "nr_periods 0\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n"
	}
	return text
}

// writeCPUMax reads "QUOTA [PERIOD]"; both are at least 1 ms, the period at
// most 1 s.
func writeCPUMax(_ *Kernel, g *cgroup, text string) syscall.Errno {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > 2 {
		return syscall.EINVAL
	}
	quota, period := -1, g.cpu.period
	var err error
	if words[0] != "max" {
		if quota, err = strconv.Atoi(words[0]); err != nil || quota < 1000 {
			return syscall.EINVAL
		}
	}
	if len(words) == 2 {
		if period, err = strconv.Atoi(words[1]); err != nil || period < 1000 || period > 1_000_000 {
			return syscall.EINVAL
		}
	}
	g.cpu.quota, g.cpu.period = quota, period
	return 0
}
