//go:build amd64 || arm64

package linux

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Go ends the program when it cannot have a thread that it wants. So the threads that
// gosv needs are made at the beginning; Go keeps those that are idle. Later a lack of
// threads (RLIMIT_NPROC, pids.max) is seen by services only, as EAGAIN.

// standing are the threads beside those that run Go: the main thread in its wait,
// Go's monitor and the thread that makes threads for it, the workers, the reader of
// output, the writers of stdout and stderr, and Go's readers of signals and timers.
const standing = 3 + minWorkers + 1 + 2 + 2

// holdThreads makes the threads that gosv needs.
func holdThreads() error {
	total := runtime.GOMAXPROCS(0) + standing
	missing := total - threads()
	if spare := spareThreads(max(missing, 0)); spare < missing {
		return tooFewThreads(total, total-missing+spare)
	}
	var over sync.WaitGroup
	begun := make(chan struct{})
	for n := 0; n < total && threads() < total; n++ {
		held := make(chan struct{})
		over.Go(func() { // a goroutine that keeps a thread and waits leaves none for the next
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			close(held)
			<-begun
		})
		<-held
	}
	close(begun)
	over.Wait()
	return nil
}

// threads counts the threads of this process; 0 without /proc.
func threads() int {
	all, _ := os.ReadDir("/proc/self/task")
	return len(all)
}

// spareThreads reports how many threads more the machine gives this program now, up to
// most. It makes them with clone(2), which can be refused without harm to Go, and ends
// them.
func spareThreads(most int) int {
	s := &spare{tids: make([]uint32, most)}
	s.list.add(failedStep{}, unix.SYS_FUTEX, address(&s.released), futexWaitPrivate, 0, 0)
	s.list.add(failedStep{}, unix.SYS_EXIT, 0)
	made := 0
	for ; made < most && s.makeThread(&s.tids[made]) == 0; made++ {
	}
	atomic.StoreUint32(&s.released, 1)
	futex(&s.released, futexWakePrivate, uint32(made))
	for i := range made {
		for tid := atomic.LoadUint32(&s.tids[i]); tid != 0; tid = atomic.LoadUint32(&s.tids[i]) {
			futex(&s.tids[i], futexWait, tid)
		}
	}
	return made
}

// spare is what threads share that wait to be released and end. Go does not know
// them; they end with the process.
type spare struct {
	list     syscallList
	released uint32
	tids     []uint32 // cleared by the kernel when the thread has ended
}

const threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD |
	unix.CLONE_SYSVSEM | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID

// makeThread passes the address of tid in both places where an architecture may
// expect child_tid; the other one is tls, which no flag asks for.
func (s *spare) makeThread(tid *uint32) syscall.Errno {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	call := &systemCall{unix.SYS_CLONE, [5]uintptr{threadFlags, 0, address(tid), address(tid), address(tid)}}
	return cloneWithSignalsBlocked(call, &s.list)
}

const (
	futexWait        = 0
	futexWaitPrivate = 0 | 128
	futexWakePrivate = 1 | 128
)

func futex(word *uint32, op int, value uint32) {
	_, _, _ = syscall.Syscall6(unix.SYS_FUTEX, address(word), uintptr(op), uintptr(value), 0, 0, 0)
}

func tooFewThreads(need, made int) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &limit); err != nil || os.Getuid() == 0 {
		return fmt.Errorf("gosv needs %d threads and can have only %d: raise the pids.max of its cgroup (docker: --pids-limit)", need, made)
	}
	return fmt.Errorf("gosv needs %d threads and can have only %d: user %d may have %d processes and threads in all (RLIMIT_NPROC); raise it with ulimit -u",
		need, made, os.Getuid(), limit.Cur)
}
