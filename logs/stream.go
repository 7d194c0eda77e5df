package logs

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/gosv/gosv/sys"
)

// roomMax bounds what a stream may write at once, in bytes: a pipe's capacity.
const roomMax = 64 << 10

// Stream is one output of one service on its way to a Destination. It is a
// [sys.Sink].
//
// It emits lines as "name | text". "\r\n" ends a line as "\n" does; every other
// byte, also NUL, a lone "\r" and terminal escape sequences, passes as it is. A
// line longer than LineMax is cut into pieces of LineMax bytes (up to three less,
// to keep a character of UTF-8 whole), each a line with its name. A last line
// without newline gets one at Close.
type Stream struct {
	d      *Destination
	prefix string

	// All below is guarded by d.mu.
	partial []byte // the line that has begun; nil between lines
	grant   int    // bytes promised by Room and not yet written
	dropped int    // lines not yet announced
	resume  func() // of a Room that answered 0
	waiting bool   // stands in d.waiting
}

var _ sys.Sink = (*Stream)(nil)

// NewStream makes a stream whose lines begin with the name.
func (d *Destination) NewStream(name string) *Stream {
	return &Stream{d: d, prefix: prefix(name, d.opt.Colour)}
}

// Room is how many bytes Write takes for certain, at most 64 KiB. It is 0 with
// the policy Block, when less than a quarter of the queue is free; then resume is
// called once, when half of it is free or the Destination is closed, but not
// after the stream's own Close has begun. It comes from the goroutine of the
// Destination or of its Close.
func (s *Stream) Room(resume func()) int {
	d := s.d
	d.mu.Lock()
	defer d.mu.Unlock()
	s.grant = roomMax
	if d.opt.Policy == Drop || d.closing {
		return roomMax
	}
	free := d.opt.QueueMax - d.queued
	if free <= 0 || free < d.opt.QueueMax/4 {
		s.grant, s.resume = 0, resume
		s.wait()
		return 0
	}
	// Every byte may be a newline and cost a prefix.
	s.grant = max(1, min(free/(len(s.prefix)+1), roomMax))
	return s.grant
}

// Write takes p. Lines beyond what Room promised are dropped and counted when the
// queue is full.
func (s *Stream) Write(p []byte) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	granted := len(p) <= s.grant && s.d.opt.Policy == Block
	s.grant -= min(s.grant, len(p))
	for len(s.partial) > 0 && len(p) > 0 {
		n := min(len(p), s.d.opt.LineMax+2-len(s.partial))
		if i := bytes.IndexByte(p[:n], '\n'); i >= 0 {
			n = i + 1
		}
		s.partial = append(s.partial, p[:n]...)
		s.keep(s.emitAll(s.partial, nextPiece, granted))
		p = p[n:]
	}
	if len(p) > 0 {
		s.keep(s.emitAll(p, nextPiece, granted))
	}
}

// Close emits a last line that has no newline.
func (s *Stream) Close() {
	d := s.d
	d.mu.Lock()
	defer d.mu.Unlock()
	s.keep(s.emitAll(s.partial, lastPiece, false))
	if !d.full() {
		s.announce()
	}
	s.dropped = 0
	if s.waiting {
		s.waiting = false
		d.waiting = slices.DeleteFunc(d.waiting, func(w *Stream) bool { return w == s })
	}
}

// keep holds the beginning of a line until the rest comes.
func (s *Stream) keep(rest []byte) {
	if len(rest) == 0 {
		s.partial = nil
		return
	}
	s.partial = append(s.partial[:0], rest...)
}

// emitAll emits the pieces that next finds in b, and returns what is left.
func (s *Stream) emitAll(b []byte, next func([]byte, int) ([]byte, int), granted bool) []byte {
	for len(b) > 0 {
		text, used := next(b, s.d.opt.LineMax)
		if used == 0 {
			break
		}
		s.emit(text, granted)
		b = b[used:]
	}
	return b
}

// emit queues one line, or drops it.
func (s *Stream) emit(text []byte, granted bool) {
	d := s.d
	if d.closing || d.full() && !granted {
		d.stats.LostLines++
		d.stats.LostBytes += int64(len(s.prefix) + len(text) + 1)
		if !d.closing {
			s.dropped++
			s.wait()
		}
		return
	}
	s.announce()
	d.add(s.prefix, text)
}

// announce says in the output that lines are missing here.
func (s *Stream) announce() {
	if s.dropped == 0 || s.d.closing {
		return
	}
	lines := "lines"
	if s.dropped == 1 {
		lines = "line"
	}
	s.d.add(s.prefix, fmt.Appendf(nil, "(%d %s dropped)", s.dropped, lines))
	s.dropped = 0
}

// wait has takeWaiting look at the stream when there is room.
func (s *Stream) wait() {
	if !s.waiting {
		s.waiting = true
		s.d.waiting = append(s.d.waiting, s)
	}
}
