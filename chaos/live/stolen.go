package live

import (
	"fmt"
	"strings"
	"time"
)

// stolen adds up what the host of a virtual machine has taken from its processors
// (proc_stat(5), steal): who was running there seems to run on. Of several
// processors that which lost most counts, since nobody knows who ran where.
type stolen struct {
	by  map[string]int64 // processor: hundredths of a second so far
	sum time.Duration
}

// hundredth is the unit of /proc/stat (USER_HZ).
const hundredth = time.Second / 100

// add reads /proc/stat. The first time there is nothing to compare with.
func (s *stolen) add(stat string) {
	first := s.by == nil
	if first {
		s.by = map[string]int64{}
	}
	var most int64
	for line := range strings.Lines(stat) {
		var name string
		var user, nice, system, idle, iowait, irq, softirq, steal int64
		n, _ := fmt.Sscan(line, &name, &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal)
		if n < 9 || name == "cpu" || !strings.HasPrefix(name, "cpu") { // "cpu" is the sum
			continue
		}
		most = max(most, steal-s.by[name])
		s.by[name] = steal
	}
	if !first {
		s.sum += time.Duration(most) * hundredth
	}
}
