//go:build amd64 || arm64

package linux

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	minWorkers = 2
	maxWorkers = 256 // starts and jobs that may hang
	// While no task ends for this long and some wait, there are twice as many
	// workers: tasks that hang, however many, must not delay the others.
	stuckAfter = 50 * time.Millisecond
	// After a failure to add workers (EMFILE, EAGAIN) the pause doubles up to this.
	maxGrowPause = 10 * time.Second
	// Workers beyond the minimum end when they were not needed for this long.
	idleAfter = 10 * time.Second
	// An end is tried less often each time, up to this, while none is possible.
	maxIdlePause = 10 * time.Minute
)

// pool runs what may hang in the kernel, starts and jobs, each on a worker: a goroutine with a
// thread of its own. An idle worker waits in a read of an eventfd that counts the
// tasks, so one write(2) wakes it, without Go's scheduler.
type pool struct {
	prepare func(*worker) error // readies a new worker

	tasks int // eventfd, a semaphore

	mu        sync.Mutex
	min, max  int
	queue     []task
	workers   int
	busy      int
	completed uint64
	growing   bool          // a timer will look whether all workers hang
	growPause time.Duration // after the last failure to add one
	shrinking bool          // a timer will end idle workers
	idlePause time.Duration
	stopped   bool
	less      sync.Cond // there are fewer workers
}

// task is work for a worker; nil ends a worker, if it may end.
type task func(*worker)

// worker is one thread of a pool.
type worker struct {
	pool     *pool
	slots    slots
	memory   childMemory
	args     spawnArgs
	read     systemCall
	count    [8]byte
	children int // that this thread has made and that were not reaped; guarded by pool.mu
}

// newPool makes a pool and its first workers.
func newPool(min, max int, prepare func(*worker) error) (*pool, error) {
	p := &pool{prepare: prepare, min: min, max: max, growPause: stuckAfter, idlePause: idleAfter}
	p.less.L = &p.mu
	var err error
	if p.tasks, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_SEMAPHORE); err != nil {
		return nil, err
	}
	for range min {
		if err := p.add(); err != nil {
			p.stop()
			return nil, err
		}
	}
	return p, nil
}

// add adds a worker.
func (p *pool) add() error {
	w := &worker{pool: p}
	if err := p.prepare(w); err != nil {
		return err
	}
	p.mu.Lock()
	p.workers++
	p.mu.Unlock()
	go w.run()
	return nil
}

// run queues a task.
func (p *pool) run(t task) {
	p.mu.Lock()
	p.queue = append(p.queue, t)
	if p.busy+len(p.queue) > p.workers {
		p.watch(p.growPause)
	}
	p.mu.Unlock()
	p.post()
}

func (p *pool) post() { _, _ = unix.Write(p.tasks, one) }

// watch adds workers later if all of them hang by then. Called with the lock.
func (p *pool) watch(after time.Duration) {
	if !p.growing && !p.stopped {
		p.growing = true
		completed := p.completed
		time.AfterFunc(after, func() { p.grow(completed) })
	}
}

// grow doubles the workers if all are busy and no task has ended since the pool was
// watched.
func (p *pool) grow(completed uint64) {
	p.mu.Lock()
	p.growing = false
	more := min(p.workers, len(p.queue), p.max-p.workers)
	if p.completed != completed || p.busy < p.workers {
		more = 0
	}
	p.mu.Unlock()
	if more > 0 {
		p.addSome(more)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) > 0 {
		p.watch(p.growPause)
	}
	p.endIdle()
}

// addSome adds workers as far as the machine has threads and descriptors for them.
func (p *pool) addSome(more int) {
	pause := stuckAfter
	for range more {
		if spareThreads(1) == 0 || p.add() != nil {
			pause = min(2*p.growPause, maxGrowPause)
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.growPause, p.idlePause = pause, idleAfter
}

// endIdle ends idle workers beyond the minimum after a while. Called with the lock.
func (p *pool) endIdle() {
	if !p.shrinking && !p.stopped && p.workers > p.min {
		p.shrinking = true
		time.AfterFunc(p.idlePause, p.shrink)
	}
}

func (p *pool) shrink() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shrinking = false
	p.askToEnd(p.workers - p.busy - p.min)
	p.idlePause = min(2*p.idlePause, maxIdlePause)
	p.endIdle()
}

// askToEnd has n workers end that are idle. Called with the lock.
func (p *pool) askToEnd(n int) {
	for range n {
		p.queue = append(p.queue, nil)
		p.post()
	}
}

// stop ends the workers that are idle. One that hangs ends when its task does.
func (p *pool) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	p.askToEnd(p.workers - p.busy)
	for p.workers > p.busy {
		p.less.Wait()
	}
	if p.workers == 0 {
		unix.Close(p.tasks)
	}
}

// run works until the worker may end. The thread ends with the goroutine, which stays
// locked to it.
func (w *worker) run() {
	runtime.LockOSThread()
	for {
		t := w.next()
		if t == nil {
			break
		}
		t(w)
		if w.done() {
			break
		}
	}
	w.slots.close()
}

// next waits for a task; nil ends the worker.
func (w *worker) next() task {
	p := w.pool
	w.read = systemCall{unix.SYS_READ, [5]uintptr{uintptr(p.tasks), address(&w.count), uintptr(len(w.count))}}
	for {
		if errnoOfCall(blockingCall(&w.read, nil)) != 0 {
			continue // EINTR
		}
		p.mu.Lock()
		t := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		if t != nil {
			p.busy++
		} else if w.mayEnd() {
			w.end()
			p.mu.Unlock()
			return nil
		}
		p.mu.Unlock()
		if t != nil {
			return t
		}
	}
}

// done notes the end of a task, and reports whether the pool has been stopped.
func (w *worker) done() bool {
	p := w.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	p.completed++
	if p.stopped {
		w.end()
	}
	return p.stopped
}

// mayEnd reports whether a worker can end. The children of a thread that ends become
// children of the main thread, where Orphans would take them for orphans.
func (w *worker) mayEnd() bool {
	return w.pool.stopped || w.pool.workers > w.pool.min && w.children == 0
}

func (w *worker) end() {
	w.pool.workers--
	w.pool.less.Signal()
}

// adds counts the children of this thread.
func (w *worker) adds(n int) {
	w.pool.mu.Lock()
	defer w.pool.mu.Unlock()
	w.children += n
}
