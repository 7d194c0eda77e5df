package linux

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

const (
	minThreads = 2
	// While no thread became free for this long, there are twice as many: hung
	// execs, however many, must not delay the other starts.
	stuckAfter = 50 * time.Millisecond
	abortRetry = 5 * time.Millisecond
	// So long a failed start waits for its child to be a zombie. One that is traced
	// may be its tracer's for any time.
	reclaimBound = 50 * time.Millisecond
)

// starts is what was asked for and has no result yet. What could hang is done by
// others, a search of PATH by a goroutine and the making of the process by a
// thread; all else by the loop.
type starts struct {
	k         *Kernel
	threads   []*thread
	free      []*thread
	waiting   []*start // for a thread
	working   []*start // on a thread
	flight    map[sys.SpawnID]*start
	lastOrder time.Duration
	watching  atomic.Bool // a timer will wake the loop, which looks at waiting

	mu      sync.Mutex
	looked  []*start // whose program was found, or fail says why not
	results []sys.SpawnResult
}

// start is one request on its way.
type start struct {
	req     sys.SpawnRequest
	program string // what the child executes, after its chdir
	fail    *sys.SpawnError
	aborted bool

	thread *thread       // while it makes the process
	dead   *process      // the child, if it did not come as far as its program
	died   time.Duration // when that was seen
	orders orders
	out    output
}

func (p *starts) init(k *Kernel) error {
	p.k, p.flight = k, map[sys.SpawnID]*start{}
	for range minThreads {
		if err := p.addThread(); err != nil {
			p.stop()
			return fmt.Errorf("make a thread that starts processes: %w", err)
		}
	}
	return nil
}

// stop ends the threads. One whose exec hangs cannot be ended; it goes when gosv
// goes.
func (p *starts) stop() {
	for _, t := range p.free {
		t.end()
	}
	keepForEver = append(keepForEver, p.working...)
}

// keepForEver is what hung threads may still read and write.
var keepForEver []*start

func (p *starts) addThread() error {
	t, err := p.k.newThread()
	if err != nil {
		return err
	}
	p.threads, p.free = append(p.threads, t), append(p.free, t)
	return nil
}

// Spawn implements sys.Spawner.
func (k *Kernel) Spawn(req sys.SpawnRequest) {
	p := &k.starts
	if p.flight[req.ID] != nil {
		panic(fmt.Sprintf("sys/linux: spawn ID %d was used twice", req.ID))
	}
	s := &start{req: req, program: req.Path}
	p.flight[req.ID] = s
	if !strings.Contains(req.Path, "/") {
		k.aside.run(func() { p.lookUp(s) })
		return
	}
	p.waiting = append(p.waiting, s)
	p.dispatch()
}

func (p *starts) lookUp(s *start) {
	s.program, s.fail = lookPath(&s.req)
	p.mu.Lock()
	p.looked = append(p.looked, s)
	p.mu.Unlock()
	p.k.wake(sys.WokeSpawn)
}

// dispatch gives the oldest requests to free threads.
func (p *starts) dispatch() {
	for len(p.waiting) > 0 {
		if len(p.free) == 0 && !p.grow() {
			p.lookAgain(stuckAfter)
			return
		}
		s := p.waiting[0]
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		last := len(p.free) - 1
		s.thread = p.free[last]
		if fail := p.k.prepare(s); fail != nil {
			s.thread = nil
			p.end(s, sys.Child{}, fail)
			continue
		}
		p.free = p.free[:last]
		p.working = append(p.working, s)
		p.lastOrder = p.k.Now()
	}
}

// grow adds threads if those that there are seem to hang, and not more than there
// are starts that wait. EMFILE: the next look tries again.
func (p *starts) grow() bool {
	if p.k.Now()-p.lastOrder < stuckAfter {
		return false
	}
	for range min(len(p.threads), len(p.waiting)) {
		if p.addThread() != nil {
			break
		}
	}
	return len(p.free) > 0
}

// lookAgain wakes the loop after a while.
func (p *starts) lookAgain(after time.Duration) {
	if p.watching.CompareAndSwap(false, true) {
		time.AfterFunc(after, func() {
			p.watching.Store(false)
			p.k.wake(sys.WokeSpawn)
		})
	}
}

// Spawned implements sys.Spawner.
func (k *Kernel) Spawned() []sys.SpawnResult {
	p := &k.starts
	if len(p.flight) == 0 {
		return nil
	}
	p.working = slices.DeleteFunc(p.working, p.over)
	p.mu.Lock()
	looked, results := p.looked, p.results
	p.looked, p.results = nil, nil
	p.mu.Unlock()
	for _, s := range looked {
		p.found(s)
	}
	p.dispatch()
	for _, r := range results {
		delete(p.flight, r.ID)
		if r.Err == nil {
			k.adopt(r.Child)
		}
	}
	return results
}

// found goes on with a start whose program was looked up.
func (p *starts) found(s *start) {
	switch {
	case s.aborted:
		p.end(s, sys.Child{}, aborted(s))
	case s.fail != nil:
		p.end(s, sys.Child{}, s.fail)
	default:
		p.waiting = append(p.waiting, s)
	}
}

// over looks whether a thread has done its work, and takes the outcome.
func (p *starts) over(s *start) bool {
	t := s.thread
	if s.dead != nil {
		return p.reclaimed(s)
	}
	if !t.finished() {
		if s.aborted {
			p.kill(s)
		}
		return false
	}
	if t.cloneErrno() != 0 && t.usedClone3() && s.orders.cgroup < 0 && refused(t.cloneErrno()) {
		noClone3.Store(true)
		t.order(t.birth.prepare(&s.orders, false))
		return false
	}
	if _, _, failed := t.birth.script.failure(); failed && t.cloneErrno() == 0 {
		s.dead, s.died = p.k.mourn(sys.Child{Pid: int(t.birth.pid), Handle: sys.Handle(t.birth.pidfd)}), p.k.Now()
		return p.reclaimed(s)
	}
	return p.conclude(s)
}

// conclude frees the thread of a start, which is over.
func (p *starts) conclude(s *start) bool {
	t := s.thread
	p.k.conclude(s)
	p.free = append(p.free, t)
	return true
}

// buried waits a while for the end of the child of a failed start, so that nothing
// is left of it when that is told.
func (p *starts) reclaimed(s *start) bool {
	if !s.dead.closed && p.k.Now()-s.died < reclaimBound {
		p.lookAgain(reclaimBound)
		return false
	}
	return p.conclude(s)
}

// end hands a result over: to the next Spawned, for which the loop is woken.
func (p *starts) end(s *start, child sys.Child, fail *sys.SpawnError) {
	r := sys.SpawnResult{ID: s.req.ID, Child: child}
	if fail != nil {
		r.Err = fail
		p.k.pump.abandon(s.req.Stdout, s.req.Stderr)
	}
	p.mu.Lock()
	p.results = append(p.results, r)
	p.mu.Unlock()
	p.k.wake(sys.WokeSpawn)
}

// Abort implements sys.Spawner. A start whose child is not born yet ends with
// ECANCELED.
func (k *Kernel) Abort(id sys.SpawnID) {
	p := &k.starts
	s := p.flight[id]
	if s == nil || s.aborted {
		return
	}
	s.aborted = true
	if s.dead != nil {
		return // and its handle may be closed
	}
	if s.thread != nil {
		p.kill(s)
	} else if i := slices.Index(p.waiting, s); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		p.end(s, sys.Child{}, aborted(s))
	}
}

func aborted(s *start) *sys.SpawnError {
	return &sys.SpawnError{Step: sys.StepPrepare, Path: s.req.Path, Err: syscall.ECANCELED, Hint: "the start was aborted before the process was made"}
}

// kill kills the child of a start on a thread. The pidfd that the kernel wrote
// belongs to that child and stays open until the start is over; before the kernel
// wrote it, another attempt follows.
func (p *starts) kill(s *start) {
	b := &s.thread.birth
	if atomic.LoadInt32(&b.pid) == 0 {
		p.lookAgain(abortRetry)
		return
	}
	unix.PidfdSendSignal(int(atomic.LoadInt32(&b.pidfd)), unix.SIGKILL, nil, 0)
}
