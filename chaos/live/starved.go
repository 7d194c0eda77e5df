package live

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// gauge measures how long the threads of the supervisor waited for a processor,
// by the kernel's account (proc(5), Documentation/scheduler/sched-stats.rst: the
// second number of schedstat). A machine without that account has none.
type gauge struct {
	samples []sample // ascending
	witness *witness // of what happens to others, too; nil: none
	stolen  stolen
	held    span
}

// span adds up the time between looks at which something was so: what was so at two
// looks in a row was so in between.
type span struct {
	since time.Duration
	is    bool
	sum   time.Duration
}

// look notes whether it is so now.
func (s *span) look(is bool, at time.Duration) {
	if s.is && is {
		s.sum += at - s.since
	}
	s.since, s.is = at, is
}

type sample struct{ at, starved time.Duration }

// gaugePause is the least time between two samples that nothing asks for.
const gaugePause = 20 * time.Millisecond

// gaugeGrain is the least time between two samples: to take one costs almost as
// much.
const gaugeGrain = time.Millisecond

// gaugeKept is how many samples are kept: enough for events that come late.
const gaugeKept = 256

func (g *gauge) last() sample {
	if len(g.samples) == 0 {
		return sample{}
	}
	return g.samples[len(g.samples)-1]
}

// take takes a sample of a process, unless there is one already.
func (g *gauge) take(pid int, at time.Duration) {
	if len(g.samples) > 0 && at-g.last().at < gaugeGrain {
		return
	}
	text, _ := os.ReadFile("/proc/stat")
	g.stolen.add(string(text))
	g.held.look(inSystemCall(pid), at)
	g.samples = append(g.samples, sample{at, max(starved(pid)+g.witness.total()+g.stolen.sum+g.held.sum, g.last().starved)})
	if len(g.samples) > 2*gaugeKept {
		g.samples = append([]sample(nil), g.samples[gaugeKept:]...)
	}
}

// inSystemCall tells whether the first thread of a process waits in the kernel for
// something that no signal ends (proc_pid_stat(5): state D): a lock that others hold,
// or a disk.
func inSystemCall(pid int) bool {
	s, ok := readStat(pid)
	return ok && s.State == 'D'
}

// before is the last sample not after an instant.
func (g *gauge) before(at time.Duration) time.Duration {
	for i := len(g.samples) - 1; i >= 0; i-- {
		if g.samples[i].at <= at {
			return g.samples[i].starved
		}
	}
	return 0
}

// starved is how long the threads of a process have waited for a processor. What
// threads that have ended waited is not in it.
func starved(pid int) (sum time.Duration) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, name := range files {
		text, _ := os.ReadFile(name)
		_, waited := schedstat(string(text))
		sum += waited
	}
	return sum
}

// schedstat reads how long a thread has run, and waited for a processor.
func schedstat(text string) (ran, waited time.Duration) {
	_, _ = fmt.Sscan(text, &ran, &waited) // nobody's is empty
	return ran, waited
}
