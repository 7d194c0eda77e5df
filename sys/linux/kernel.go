package linux

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

var _ sys.Kernel = (*Kernel)(nil)

// Options are the choices of a program that uses the real kernel.
type Options struct {
	// Signals are those that Inbox delivers; nil stands for DefaultSignals.
	// A SIGHUP that was ignored when the program started (nohup) stays so, and an
	// ignored SIGINT or SIGQUIT has no effect.
	Signals []syscall.Signal
}

// DefaultSignals are those that a supervisor reacts to.
var DefaultSignals = []syscall.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2,
}

// Kernel implements every role of package sys. A program has one.
type Kernel struct {
	origin    time.Time
	monotonic time.Duration // CLOCK_MONOTONIC at origin
	null      int           // /dev/null, stdin of children
	features  features
	dumpable  int // of gosv (PR_GET_DUMPABLE(2const))

	// The loop's epoll. Everything but pending and wakeup is touched by the
	// loop's goroutine only.
	epoll   int
	wakeup  int           // eventfd, edge-triggered and never read
	pending atomic.Uint32 // sys.Reason, and asleep
	events  [128]unix.EpollEvent
	fresh   bool // epoll was emptied by the last Wait
	ready   []*process

	unwatched  []sys.Handle
	unreaped   int    // children
	generation uint32 // of the last handle in epoll

	inbox   inbox
	pool    *pool // of the starts and jobs
	starts  starts
	pump    *pump
	jobs    jobs
	watches watches
	locks   locks

	terminal terminal

	mu        sync.Mutex // OpenPid and Close are called by jobs too
	processes map[sys.Handle]*process
}

// New takes over signals and child processes of the whole program. It must be
// called on the main thread, and so must Orphans. When it
// returns, signal handlers are installed, and descriptors beyond 2 that the program was
// started with are close-on-exec.
func New(o Options) (*Kernel, error) {
	if unix.Gettid() != unix.Getpid() {
		return nil, errors.New("the loop must run on the main thread: call runtime.LockOSThread in an init function, and linux.New in main")
	}
	k := &Kernel{origin: time.Now(), epoll: -1, wakeup: -1, null: -1, terminal: terminal{fd: -1}, processes: map[sys.Handle]*process{}}
	k.starts.flight = map[sys.SpawnID]*start{}
	k.watches.fd = -1
	k.monotonic = ahead(monotonic, k.Now)
	if err := k.open(); err != nil {
		k.closeAll()
		return nil, err
	}
	k.terminal = openTerminal()
	k.catchSignals(o.Signals)
	return k, nil
}

func (k *Kernel) open() (err error) {
	if k.features, err = probe(); err != nil {
		return err
	}
	if err = holdThreads(); err != nil {
		return err
	}
	originalNofile() // looked up while this process has no children
	k.dumpable, _ = unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	keepFromChildren()
	if k.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("make the event queue of the loop (epoll): %w", err)
	}
	if k.wakeup, err = eventfd(k.epoll); err != nil {
		return fmt.Errorf("make the wakeup of the loop (eventfd): %w", err)
	}
	if k.null, err = retry(func() (int, error) { return unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0) }); err != nil {
		return fmt.Errorf("open /dev/null, the stdin of services: %w", err)
	}
	if k.watches.fd, err = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err != nil {
		return fmt.Errorf("make the watch on cgroup files (inotify; see fs.inotify.max_user_instances): %w", err)
	}
	if err = epollAdd(k.epoll, k.watches.fd, 0, unix.EPOLLIN|unix.EPOLLET); err != nil {
		return fmt.Errorf("watch inotify: %w", err)
	}
	if k.pump, err = newPump(); err != nil {
		return fmt.Errorf("make the capture of output: %w", err)
	}
	if k.pool, err = newPool(minWorkers, maxWorkers, func(w *worker) error { return w.slots.reserve(k.null) }); err != nil {
		return fmt.Errorf("make the threads that start processes: %w", err)
	}
	return nil
}

// keepFromChildren marks the descriptors that this program itself inherited: a
// child has 0, 1 and 2 only. Go marks those that it opens.
func keepFromChildren() {
	names, _ := os.ReadDir("/proc/self/fd")
	for _, n := range names {
		if fd, err := strconv.Atoi(n.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// Shutdown delivers what stands in the pipes of children, for at most drain,
// then gives signals back to their former handling and closes every
// descriptor. No method may be called afterwards, and no spawn be in flight.
func (k *Kernel) Shutdown(drain time.Duration) {
	k.pool.stop()
	k.pump.stop(drain)
	k.releaseSignals()
	for h := range k.processes {
		unix.Close(int(h))
	}
	k.locks.close()
	k.closeAll()
}

func (k *Kernel) closeAll() {
	for _, fd := range []int{k.watches.fd, k.null, k.wakeup, k.epoll, k.terminal.fd} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// eventfd makes one that is edge-triggered in an epoll: every write is an
// event, so it is never read.
func eventfd(epoll int) (int, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return -1, err
	}
	if err := epollAdd(epoll, fd, 0, unix.EPOLLIN|unix.EPOLLET); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

var one = []byte{1, 0, 0, 0, 0, 0, 0, 0}

// epollAdd adds a descriptor. Its events carry the generation, so that one that was
// read before the descriptor was closed is not taken for one of its successor.
func epollAdd(epoll, fd int, generation, events uint32) error {
	return unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd), Pad: int32(generation)})
}

// closePolled closes a descriptor that may be in an epoll. It is removed there first:
// a child that hangs in its exec may hold a copy, which would keep it in.
func closePolled(epoll, fd int) {
	_ = unix.EpollCtl(epoll, unix.EPOLL_CTL_DEL, fd, nil) // ENOENT: it was not in
	unix.Close(fd)
}

// epollWait waits for at most so many milliseconds; -1 is for ever.
func epollWait(epoll int, events []unix.EpollEvent, milliseconds int) (int, error) {
	if milliseconds == 0 {
		return unix.EpollWait(epoll, events, 0)
	}
	call := systemCall{unix.SYS_EPOLL_PWAIT, [5]uintptr{uintptr(epoll), address(&events[0]), uintptr(len(events)), uintptr(milliseconds), 0}}
	r1 := blockingCall(&call, nil)
	if errno := errnoOfCall(r1); errno != 0 {
		return 0, errno
	}
	return int(r1), nil
}

// restoreDumpable undoes what a child does that changes its user while it shares
// gosv's memory (commit_creds of kernel/cred.c).
func (k *Kernel) restoreDumpable() {
	if k.dumpable == 1 {
		_ = unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)
	}
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}
