package live

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

// schedDelayProbe is a thread that sleeps for a millisecond, again and again, and
// records when it woke late: then it was waiting for a processor, or the host of the
// virtual machine ran nobody. A supervisor that was due at such a time may be late.
//
// The thread is of class SCHED_BATCH, sched(7): it does not preempt the thread that runs
// when it wakes. So it waits about as long as a supervisor does that has to be scheduled
// several times in a row. On two processors with twenty runnable threads it explained
// all but 175 ms of each late restart, and all but 60 ms of nine in ten of them; a
// thread of the usual class explained half of that.
type schedDelayProbe struct {
	origin time.Duration

	mu     sync.Mutex
	delays []chaos.Interval

	quit chan struct{}
	done chan struct{}
}

const (
	probeSleep = time.Millisecond
	// minSchedDelay is what a wake-up takes on a machine with nothing else to do.
	minSchedDelay = 300 * time.Microsecond
	// maxSchedDelays limits the memory of a long run on a busy machine. The oldest are
	// dropped.
	maxSchedDelays = 1 << 21
)

func newSchedDelayProbe(origin time.Duration) *schedDelayProbe {
	p := &schedDelayProbe{origin: origin, quit: make(chan struct{}), done: make(chan struct{})}
	go p.run()
	return p
}

// run keeps its thread to itself. The thread ends with it, because of its class.
func (p *schedDelayProbe) run() {
	defer close(p.done)
	runtime.LockOSThread()
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

// stop ends the probe and returns what it recorded.
func (p *schedDelayProbe) stop() []chaos.Interval {
	close(p.quit)
	<-p.done
	return p.delays
}
