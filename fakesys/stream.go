package fakesys

import (
	"fmt"
	"slices"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// pipeSize is the capacity of a pipe (pipe(7)).
const pipeSize = 64 << 10

// stream is the open file of descriptor 1 or 2 of a process: a pipe into a Sink, gosv's
// own output, or /dev/null (a nil stream).
type stream struct {
	world   *World
	kernel  *Kernel // holds the read end
	console bool
	sink    sys.Sink
	buf     []byte
	holders int        // processes that hold the write end
	writers []*process // processes that wait for room
	stalled bool       // the sink has no room and will call resume
	resume  func()
	closing bool // the capture ends with what is in the pipe now
	closed  bool // the read end is closed
	inode   int
}

func (k *Kernel) newPipe(sink sys.Sink) *stream {
	if sink == nil {
		return nil
	}
	k.inode++
	s := &stream{world: k.World, kernel: k, sink: sink, inode: 10000 + k.inode}
	k.pipes = append(k.pipes, s)
	s.resume = func() {
		if s.stalled && !s.closed {
			s.stalled = false
			k.after(0, "output resumes", s.pump)
		}
	}
	return s
}

// share adds one more holder of the write end.
func (s *stream) share() *stream {
	if s != nil {
		s.holders++
	}
	return s
}

func (w *World) closeStreams(p *process) {
	out, err := p.out, p.err
	p.out, p.err = nil, nil
	out.release()
	err.release()
}

func (s *stream) release() {
	if s == nil {
		return
	}
	if s.holders--; s.holders == 0 && !s.console {
		s.pump()
	}
}

// write is write(2) to descriptor 1 or 2. It writes as much as there is room for. EPIPE
// comes with SIGPIPE.
func (w *World) write(p *process, s *stream, text string) (int, syscall.Errno) {
	switch {
	case s == nil:
		return len(text), 0
	case s.console:
		w.note(p.pid, EvWrite, len(text), 0, "", 0)
		w.console = append(w.console, text...)
		return len(text), 0
	case s.closed || s.closing:
		w.send(p, p, syscall.SIGPIPE)
		return 0, syscall.EPIPE
	}
	total := 0
	for len(text) > 0 {
		n := min(len(text), pipeSize-len(s.buf))
		if n == 0 {
			w.Fire(PipeFull)
			s.writers = append(s.writers, p)
			break
		}
		s.buf = append(s.buf, text[:n]...)
		text = text[n:]
		total += n
		w.note(p.pid, EvWrite, n, 0, "", 0)
		s.pump()
	}
	return total, 0
}

// pump moves bytes to the sink as long as the sink has room.
func (s *stream) pump() {
	if s.closed {
		return
	}
	for len(s.buf) > 0 && !s.stalled {
		room := s.sink.Room(s.resume)
		if room == 0 {
			s.stalled = true
			return
		}
		n := min(room, len(s.buf))
		s.world.note(0, EvOutput, n, s.inode, "", 0)
		s.sink.Write(s.buf[:n:n])
		s.buf = s.buf[:copy(s.buf, s.buf[n:])]
		s.wakeWriters()
	}
	if len(s.buf) == 0 && (s.holders == 0 || s.closing) {
		s.close()
	}
}

func (s *stream) close() {
	s.closed = true
	s.kernel.pipes = slices.DeleteFunc(s.kernel.pipes, func(p *stream) bool { return p == s })
	s.sink.Close()
	s.wakeWriters()
}

func (s *stream) wakeWriters() {
	writers := s.writers
	s.writers = nil
	for _, p := range writers {
		s.world.kick(p)
	}
}

// finish ends the capture after the current contents of the pipe.
func (s *stream) finish() {
	if !s.ended() {
		s.closing = true
		s.pump()
	}
}

// ended reports whether the stream will deliver nothing more.
func (s *stream) ended() bool { return s == nil || s.closed || s.console }

// abandon closes the read end because gosv has died: writers will get EPIPE.
func (s *stream) abandon() {
	s.closed = true
	s.wakeWriters()
}

// link returns the target of /proc/PID/fd/1.
func (s *stream) link() string {
	switch {
	case s == nil:
		return "/dev/null"
	case s.console:
		return "/dev/console"
	}
	return fmt.Sprintf("pipe:[%d]", s.inode)
}
