package live

import (
	"cmp"
	"runtime"
	"slices"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

// schedDelayProbe has threads that sleep for a millisecond, again and again, and record when
// they wake late: then they waited for a processor, or the host of the virtual machine did
// not run them. A supervisor that was due at such a time may be late.
//
// The threads are of class SCHED_BATCH, sched(7): they do not preempt the thread that runs
// when they wake. So they wait about as long as a supervisor does that has to be scheduled
// several times in a row. On two processors with twenty runnable threads one such thread
// explained all but 175 ms of each late restart, and all but 60 ms of nine in ten of them;
// a thread of the usual class explained half of that. A thread on one processor does not see
// that the others are busy, so on a small machine each processor has its own.
type schedDelayProbe struct {
	origin time.Duration

	mu     sync.Mutex
	delays []chaos.Interval

	quit chan struct{}
	done sync.WaitGroup
}

const (
	maxProbes  = 4
	probeSleep = time.Millisecond
	// minSchedDelay is what a wake-up takes on a machine with nothing else to do.
	minSchedDelay = 300 * time.Microsecond
	// maxSchedDelays limits the memory of a long run on a busy machine. The oldest are
	// dropped.
	maxSchedDelays = 1 << 21
)

func newSchedDelayProbe(origin time.Duration) *schedDelayProbe {
	p := &schedDelayProbe{origin: origin, quit: make(chan struct{})}
	var allowed unix.CPUSet
	_ = unix.SchedGetaffinity(0, &allowed) // refused: the threads run anywhere
	if n := allowed.Count(); n == 0 || n > maxProbes {
		for range maxProbes {
			p.done.Go(func() { p.run(&allowed) })
		}
		return p
	}
	for cpu := 0; cpu < 8*int(unsafe.Sizeof(allowed)); cpu++ {
		if allowed.IsSet(cpu) {
			var one unix.CPUSet
			one.Set(cpu)
			p.done.Go(func() { p.run(&one) })
		}
	}
	return p
}

// run is one thread. The thread ends with it, because of its class and its processors.
func (p *schedDelayProbe) run(cpus *unix.CPUSet) {
	runtime.LockOSThread()
	if cpus.Count() > 0 {
		_ = unix.SchedSetaffinity(0, cpus)
	}
	const batch = 3                                                                         // SCHED_BATCH of include/uapi/linux/sched.h
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: batch}, 0) // refused: it explains less
	for due := now() + probeSleep; ; due = now() + probeSleep {
		select {
		case <-p.quit:
			return
		default:
		}
		until := unix.NsecToTimespec(int64(due))
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &until, nil)
		if woke := now(); woke-due > minSchedDelay {
			p.add(chaos.Interval{From: due - p.origin, To: woke - p.origin})
		}
	}
}

func (p *schedDelayProbe) add(i chaos.Interval) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.delays) == maxSchedDelays {
		p.delays = append([]chaos.Interval(nil), p.delays[maxSchedDelays/2:]...)
	}
	p.delays = append(p.delays, i)
}

// stop ends the probe and returns the times in which any thread waited.
func (p *schedDelayProbe) stop() []chaos.Interval {
	close(p.quit)
	p.done.Wait()
	return union(p.delays)
}

// union sorts intervals and merges those that overlap.
func union(intervals []chaos.Interval) (merged []chaos.Interval) {
	slices.SortFunc(intervals, func(a, b chaos.Interval) int { return cmp.Compare(a.From, b.From) })
	for _, i := range intervals {
		if last := len(merged) - 1; last >= 0 && i.From <= merged[last].To {
			merged[last].To = max(merged[last].To, i.To)
			continue
		}
		merged = append(merged, i)
	}
	return merged
}
