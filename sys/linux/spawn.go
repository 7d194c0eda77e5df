package linux

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

const (
	minThreads = 2
	maxThreads = 32
	// While no thread became free for this long, a request gets a thread of
	// its own: one hung exec must not delay the other starts.
	stuckAfter = 50 * time.Millisecond
	abortRetry = 5 * time.Millisecond
)

// pool is the threads that start processes.
type pool struct {
	k *Kernel

	// arrived is a semaphore (eventfd) of the requests that wait. Threads block
	// in read(2) on it: the kernel wakes one at once, where Go's scheduler would
	// pass a locked goroutine on through two other threads.
	arrived int

	mu       sync.Mutex
	waiting  []*start
	stopped  bool
	gone     chan struct{} // closed by the last thread
	threads  int
	busy     int
	lastTake time.Duration
	watching bool // a timer looks at waiting
	flight   map[sys.SpawnID]*start
	results  []sys.SpawnResult
}

// start is one request on its way. The pool's lock guards stage and aborted.
type start struct {
	req     sys.SpawnRequest
	stage   stage
	aborted bool
	birth   *birth // while forking
}

type stage uint8

const (
	queued  stage = iota
	forking       // clone was or will be called at once
	over
)

func (p *pool) init(k *Kernel) error {
	p.k, p.flight, p.gone = k, map[sys.SpawnID]*start{}, make(chan struct{})
	var err error
	if p.arrived, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_SEMAPHORE); err != nil {
		return fmt.Errorf("make the queue of starts (eventfd): %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for range minThreads {
		if err := p.addThread(); err != nil {
			return fmt.Errorf("reserve descriptors for starts: %w", err)
		}
	}
	return nil
}

// stop lets idle threads end, and waits for that; a thread whose exec hangs is
// not waited for. They are unlocked, not destroyed, so that no child loses its
// parent thread.
func (p *pool) stop() {
	p.mu.Lock()
	p.stopped = true
	for range p.threads {
		unix.Write(p.arrived, one)
	}
	idle := p.busy == 0
	p.mu.Unlock()
	if idle {
		<-p.gone
	}
}

func (p *pool) addThread() error {
	b := new(birth)
	if err := b.slots.reserve(p.k.null); err != nil {
		return err
	}
	p.threads++
	go p.offMain(func() { p.work(b) })
	return nil
}

// offMain runs f locked to a thread that is not the main one.
func (p *pool) offMain(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.Gettid() != unix.Getpid() {
		f()
		return
	}
	// While this goroutine holds the main thread, the other cannot get it.
	locked := make(chan struct{})
	go p.offMain(func() { close(locked); f() })
	<-locked
}

// work is the life of one thread. All signals are blocked on it. A handler of
// gosv must not run in a child, which shares our memory: it is born with
// everything blocked and unblocks as its last act. And the kernel gives SIGCHLD
// first of all to the thread that made the child (complete_signal in
// kernel/signal.c), which would interrupt its read at every exit.
func (p *pool) work(b *birth) {
	unix.PthreadSigmask(unix.SIG_SETMASK, &allSignals, nil)
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &noSignals, nil)
	defer p.leave(b)
	token := make([]byte, 8)
	for {
		if _, err := retry(func() (int, error) { return unix.Read(p.arrived, token) }); err != nil {
			return
		}
		s := p.take()
		if s == nil {
			return
		}
		result := sys.SpawnResult{ID: s.req.ID}
		child, fail := p.k.start(s, b)
		if fail == nil {
			result.Child = child
		} else {
			result.Err = fail
			p.k.pump.abandon(s.req.Stdout, s.req.Stderr)
		}
		p.put(result)
	}
}

// leave is the end of a thread; the last one takes the semaphore along.
func (p *pool) leave(b *birth) {
	b.slots.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.threads--; p.threads == 0 {
		unix.Close(p.arrived)
		close(p.gone)
	}
}

// take gives the oldest request; nil after stop.
func (p *pool) take() *start {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	s := p.waiting[0]
	p.waiting[0] = nil
	p.waiting = p.waiting[1:]
	p.busy++
	p.lastTake = p.k.Now()
	return s
}

// put hands a result over. The loop is woken after the lock is free, since it
// wants the lock first thing.
func (p *pool) put(r sys.SpawnResult) {
	p.mu.Lock()
	p.busy--
	delete(p.flight, r.ID)
	p.results = append(p.results, r)
	p.mu.Unlock()
	p.k.wake(sys.WokeSpawn)
}

// Spawn implements sys.Spawner.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	k.starts.enqueue(&start{req: req})
	unix.Write(k.starts.arrived, one)
}

func (p *pool) enqueue(s *start) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.flight[s.req.ID] != nil {
		panic(fmt.Sprintf("sys/linux: spawn ID %d was used twice", s.req.ID))
	}
	p.flight[s.req.ID] = s
	p.waiting = append(p.waiting, s)
	p.watch()
}

// watch has a look at the queue later if it is longer than threads are free.
func (p *pool) watch() {
	if p.watching || p.busy+len(p.waiting) <= p.threads || p.threads == maxThreads {
		return
	}
	p.watching = true
	time.AfterFunc(stuckAfter, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.watching = false
		if len(p.waiting) == 0 || p.stopped {
			return
		}
		if p.busy == p.threads && p.k.Now()-p.lastTake >= stuckAfter {
			_ = p.addThread() // EMFILE: the next look tries again
		}
		p.watch()
	})
}

// Spawned implements sys.Spawner.
func (k *Kernel) Spawned() []sys.SpawnResult {
	k.starts.mu.Lock()
	results := k.starts.results
	k.starts.results = nil
	k.starts.mu.Unlock()
	for _, r := range results {
		if r.Err == nil {
			k.adopt(r.Child)
		}
	}
	return results
}

// Abort implements sys.Spawner. A start whose child is not born yet ends with
// ECANCELED.
func (k *Kernel) Abort(id sys.SpawnID) {
	p := &k.starts
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.flight[id]; s != nil && !s.aborted {
		s.aborted = true
		p.kill(s)
	}
}

// kill kills the child of a start. While the start is forking, the pidfd that
// the kernel wrote belongs to that child and cannot be closed; before the
// kernel wrote it, another attempt follows.
func (p *pool) kill(s *start) {
	if s.stage != forking {
		return
	}
	if atomic.LoadInt32(&s.birth.pid) != 0 {
		unix.PidfdSendSignal(int(atomic.LoadInt32(&s.birth.pidfd)), unix.SIGKILL, nil, 0)
		return
	}
	time.AfterFunc(abortRetry, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.kill(s)
	})
}

// fork runs the orders unless the start was aborted before.
func (p *pool) fork(s *start, b *birth, o *orders) syscall.Errno {
	p.mu.Lock()
	if s.aborted {
		p.mu.Unlock()
		return syscall.ECANCELED
	}
	atomic.StoreInt32(&b.pid, 0)
	s.stage, s.birth = forking, b
	p.mu.Unlock()

	errno := b.run(o)

	p.mu.Lock()
	s.stage, s.birth = over, nil
	p.mu.Unlock()
	return errno
}
