package linux

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// pump reads the output of all children with one goroutine, one epoll and one buffer. An
// idle pipe costs no more than a small struct.
type pump struct {
	epoll, wakeup int
	events        [128]unix.EpollEvent
	buf           [64 << 10]byte
	held          []*stream // that finish and have a full sink, the oldest first; the goroutine's

	mu      sync.Mutex
	streams map[int32]*stream         // by the pipe's descriptor
	last    uint32                    // generation
	starts  map[sys.SpawnID][]*stream // those that are open
	ending  []*stream                 // to be brought to their end
	unused  []sys.Sink                // of failed starts, to be closed
	empty   chan struct{}             // not nil: closed when no stream is left
	stopped bool
	done    chan struct{}
}

// stream is one pipe. The lock of the pump guards all but left and finishing,
// which belong to its goroutine.
type stream struct {
	fd         int32
	generation uint32
	id         sys.SpawnID
	sink       sys.Sink
	resume     func()

	parked  bool // the sink is full: not in epoll
	resumed bool // since Room was last asked
	closed  bool

	finishing bool
	left      int // bytes to be delivered while finishing
}

func newPump() (p *pump, err error) {
	p = &pump{streams: map[int32]*stream{}, starts: map[sys.SpawnID][]*stream{}, done: make(chan struct{})}
	if p.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if p.wakeup, err = eventfd(p.epoll); err != nil {
		unix.Close(p.epoll)
		return nil, err
	}
	go p.run()
	return p, nil
}

// add begins to capture the output of a start.
func (p *pump) add(id sys.SpawnID, out *output) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range out {
		if o.sink == nil {
			continue
		}
		p.last++
		s := &stream{fd: int32(o.reader), generation: p.last, id: id, sink: o.sink}
		s.resume = func() { p.resume(s) }
		p.streams[s.fd] = s
		p.starts[id] = append(p.starts[id], s)
		p.enter(s)
	}
}

// enter puts a stream into epoll. Where that fails (ENOMEM, or
// fs.epoll.max_user_watches) it is tried again: nothing is lost, the child only
// waits when its pipe is full.
func (p *pump) enter(s *stream) {
	if epollAdd(p.epoll, int(s.fd), s.generation, unix.EPOLLIN) != nil {
		s.parked = true
		time.AfterFunc(time.Second, s.resume)
	}
}

// abandon closes the sinks of a start that failed.
func (p *pump) abandon(sinks ...sys.Sink) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unused = append(p.unused, sinks...)
	if len(p.unused) > 0 {
		unix.Write(p.wakeup, one)
	}
}

// order has the goroutine finish a stream.
func (p *pump) order(s *stream) {
	p.ending = append(p.ending, s)
	if len(p.ending) == 1 {
		unix.Write(p.wakeup, one)
	}
}

// CloseOutput implements sys.Spawner.
func (k *Kernel) CloseOutput(id sys.SpawnID) {
	k.pump.mu.Lock()
	defer k.pump.mu.Unlock()
	for _, s := range k.pump.starts[id] {
		k.pump.order(s)
	}
}

// stop finishes every stream, for at most drain, and then closes them.
func (p *pump) stop(drain time.Duration) {
	p.mu.Lock()
	p.empty = make(chan struct{})
	for _, s := range p.streams {
		p.order(s)
	}
	if len(p.streams) == 0 {
		close(p.empty)
	}
	p.mu.Unlock()
	select {
	case <-p.empty:
	case <-time.After(drain):
	}
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	unix.Write(p.wakeup, one)
	<-p.done
	unix.Close(p.wakeup)
	unix.Close(p.epoll)
}

func (p *pump) run() {
	defer close(p.done)
	for {
		n, _ := epollWait(p.epoll, p.events[:], -1)
		for _, e := range p.events[:n] {
			p.take(e)
		}
		if stopped := p.finishAll(); stopped {
			return
		}
	}
}

// take handles an event of epoll.
func (p *pump) take(e unix.EpollEvent) {
	p.mu.Lock()
	s := p.streams[e.Fd]
	p.mu.Unlock()
	switch {
	case s == nil || s.generation != uint32(e.Pad):
	case e.Events&unix.EPOLLIN == 0:
		p.close(s) // the pipe is empty, and no process holds the other end
	default:
		p.carry(s)
	}
}

// finishAll begins to finish the streams that were ordered to end, and closes the sinks
// of failed starts; after stop it closes all streams.
func (p *pump) finishAll() (stopped bool) {
	p.mu.Lock()
	ending, unused, stopped := p.ending, p.unused, p.stopped
	p.ending, p.unused = nil, nil
	var rest []*stream
	if stopped {
		for _, s := range p.streams {
			rest = append(rest, s)
		}
	}
	p.mu.Unlock()
	for _, s := range ending {
		p.finish(s)
	}
	for _, sink := range unused {
		sink.Close()
	}
	for _, s := range rest {
		p.close(s)
	}
	return stopped
}

// finish limits a stream to what is in the pipe now.
func (p *pump) finish(s *stream) {
	if s.closed || s.finishing {
		return
	}
	s.finishing = true
	s.left, _ = unix.IoctlGetInt(int(s.fd), unix.TIOCINQ)
	if s.left == 0 {
		p.close(s)
		return
	}
	p.mu.Lock()
	parked := s.parked
	p.mu.Unlock()
	if parked {
		p.hold(s)
	}
}

// carry moves one buffer from the pipe to the sink.
func (p *pump) carry(s *stream) {
	p.mu.Lock()
	s.resumed = false
	p.mu.Unlock()
	room := min(s.sink.Room(s.resume), len(p.buf))
	if s.finishing {
		room = min(room, s.left)
	}
	if room <= 0 {
		p.park(s)
		if s.finishing {
			p.hold(s)
		}
		return
	}
	p.pass(s, room)
}

// pass reads at most room bytes and writes them into the sink.
func (p *pump) pass(s *stream, room int) {
	n, err := retry(func() (int, error) { return unix.Read(int(s.fd), p.buf[:room]) })
	if err == unix.EAGAIN && !s.finishing {
		return
	}
	if n > 0 {
		s.sink.Write(p.buf[:n])
		s.left -= n
	}
	if n <= 0 || s.finishing && s.left == 0 {
		p.close(s)
	}
}

// maxHeld bounds the pipes, and with them the descriptors, of processes that have
// ended and whose sinks do not take their last output.
const maxHeld = 64

// hold remembers a stream that is finishing and has to wait for room. If there are too
// many, the oldest is written whole, and its sink drops what it has no room for.
func (p *pump) hold(s *stream) {
	if !slices.Contains(p.held, s) {
		p.held = append(p.held, s)
	}
	if len(p.held) > maxHeld {
		for oldest := p.held[0]; !oldest.closed; {
			p.pass(oldest, min(oldest.left, len(p.buf)))
		}
	}
}

// park takes a stream out of epoll until its sink has room.
func (p *pump) park(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !s.resumed {
		s.parked = true
		unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, int(s.fd), nil)
	}
}

// resume may come from any goroutine, also before Room returned.
func (p *pump) resume(s *stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.resumed = true
	if s.parked && !s.closed {
		s.parked = false
		p.enter(s)
	}
}

func (p *pump) close(s *stream) {
	p.mu.Lock()
	if s.closed {
		p.mu.Unlock()
		return
	}
	s.closed = true
	if s.finishing {
		p.held = slices.DeleteFunc(p.held, func(h *stream) bool { return h == s })
	}
	delete(p.streams, s.fd)
	p.forget(s)
	last := p.empty != nil && len(p.streams) == 0
	p.mu.Unlock()
	closePolled(p.epoll, int(s.fd)) // without the lock, which the loop wants
	s.sink.Close()
	if last {
		close(p.empty)
	}
}

// forget takes a stream from the list of its start.
func (p *pump) forget(s *stream) {
	open := p.starts[s.id]
	if len(open) == 1 {
		delete(p.starts, s.id)
		return
	}
	for i := range open {
		if open[i] == s {
			p.starts[s.id] = append(open[:i:i], open[i+1:]...)
			return
		}
	}
}
