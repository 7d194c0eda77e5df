package linux

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Go ends a program that cannot have the thread that it wants, and nothing can be
// done about it then. So every thread that may be wanted is made at the beginning:
// Go keeps those that it needs no more. After that it is the services that meet
// EAGAIN where RLIMIT_NPROC or a pids.max leaves no room.

// threads is how many of Go's own a program needs at most.
type threads struct {
	procs int // that run Go at a time (GOMAXPROCS)
	hands int // that may hang in the kernel for others, see aside
}

// tight is for a machine that has few threads to give: what is slow waits for more.
var tight = threads{procs: 2, hands: 2}

// roomy is what a machine has that need not be spared.
const roomy = 48

// standing are the threads that stand in the kernel as a rule: the reader of
// output, Go's reader of signals and its poller, the writers of stdout, stderr and
// events; and one for what a timer does.
const standing = 7

// spare is for a thread on its way out of the kernel while its work has gone on.
const spare = 2

// astir are threads that Go has on their way, and cannot use, while it makes the others.
const astir = 4

func (t threads) number() int { return t.procs + t.hands + standing + spare }

// holdThreads makes them, and tells how many hands there are.
func holdThreads() (hands int, err error) {
	t := threads{procs: runtime.GOMAXPROCS(0), hands: maxHands}
	if made := tryThreads(max(roomy, t.number())); made < roomy || made < t.number() {
		t.procs, t.hands = min(t.procs, tight.procs), tight.hands
		if need := t.number() + minThreads + astir; made < need {
			return 0, tooFewThreads(need, made)
		}
		runtime.GOMAXPROCS(t.procs)
	}
	t.hold()
	return t.hands, nil
}

// hold has Go make that many threads: a goroutine that keeps one to itself and
// waits leaves none for the next.
func (t threads) hold() {
	var kept, over sync.WaitGroup
	begun := make(chan struct{})
	for range t.number() {
		kept.Add(1)
		over.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			kept.Done()
			<-begun
		})
	}
	kept.Wait()
	close(begun)
	over.Wait()
}

// tryThreads makes threads that Go does not know, so that it can be refused, and
// ends them: it tells how many there can be, up to most.
func tryThreads(most int) int {
	made := make([]*thread, 0, most)
	for range most {
		t := &thread{}
		if t.run() != nil {
			break
		}
		made = append(made, t)
	}
	for _, t := range made {
		t.say(quit)
	}
	for _, t := range made {
		t.join()
	}
	return len(made)
}

func tooFewThreads(need, made int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &limit); err != nil || os.Getuid() == 0 {
		return fmt.Errorf("this program needs %d threads for itself, and only %d could be made: raise the pids.max of its cgroup (docker: --pids-limit)", need, made)
	}
	return fmt.Errorf("this program needs %d threads for itself, and only %d could be made: user %d may have %d processes and threads in all (RLIMIT_NPROC); raise it with ulimit -u",
		need, made, os.Getuid(), limit.Cur)
}
