package logs

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/gosv/gosv/sys"
)

// roomMax bounds what a stream accepts at once, in bytes: a pipe's capacity.
const roomMax = 64 << 10

// Stream carries one output of one service to a Destination. It is a [sys.Sink].
//
// It writes lines as "name | text". "\r\n" ends a line as "\n" does. Every other
// byte, including NUL, a lone "\r" and terminal escape sequences, passes
// unchanged; on a terminal the name is repeated after "\r", which would overwrite
// it. A line longer than LineMax is split into pieces of LineMax bytes (up to three
// less, to keep a character of UTF-8 whole), each a line with its name. A last line
// without newline gets one at Close.
//
// A line that stays unfinished, such as a prompt or a progress bar, is shown after
// about a second. Its rest continues the same line if nothing was written in
// between, and else a new line with the name.
type Stream struct {
	d      *Destination
	prefix string

	// The lock of d guards the fields below.
	partial []byte // the unfinished line, without what is shown; nil between lines
	shown   int    // bytes of the unfinished line that are shown
	ticks   int    // ticks since the unfinished line began or was shown
	tracked bool   // is in d.partials
	grant   int    // bytes promised by Room and not yet written
	dropped int    // lines not yet reported
	resume  func() // of a Room that returned 0
	waiting bool   // is in d.waiting
}

var _ sys.Sink = (*Stream)(nil)

// NewStream returns a stream whose lines begin with the name.
func (d *Destination) NewStream(name string) *Stream {
	return &Stream{d: d, prefix: prefix(name, d.opt.Colour)}
}

// NewRawStream returns a stream whose lines have no name.
func (d *Destination) NewRawStream() *Stream { return &Stream{d: d} }

// Room returns how many bytes Write is certain to accept, at most 64 KiB. With the
// policy Block it returns 0 when less than a quarter of the queue is free; then
// resume is called once, when half of the queue is free or the Destination is
// closed, but not after the stream's own Close has begun. The goroutine of the
// Destination or of its Close calls it.
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

// Write accepts p. When the queue is full, lines beyond what Room promised are
// dropped and counted.
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

// Close writes a last line that has no newline.
func (s *Stream) Close() {
	d := s.d
	d.mu.Lock()
	defer d.mu.Unlock()
	s.keep(s.emitAll(s.partial, lastPiece, false))
	if d.unfinished == s {
		d.finishLine()
	}
	if !d.full() {
		s.reportDrops()
	}
	s.dropped = 0
	isThis := func(other *Stream) bool { return other == s }
	if s.waiting {
		s.waiting = false
		d.waiting = slices.DeleteFunc(d.waiting, isThis)
	}
	if s.tracked {
		s.tracked = false
		d.partials = slices.DeleteFunc(d.partials, isThis)
	}
}

// keep holds the beginning of a line until the rest comes.
func (s *Stream) keep(rest []byte) {
	if len(rest) == 0 {
		s.partial = nil
		return
	}
	s.partial = append(s.partial[:0], rest...)
	s.trackPartial()
}

// emitAll queues the pieces that next finds in b, and returns what is left.
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

// emit queues one line or the rest of one, or drops it.
func (s *Stream) emit(text []byte, granted bool) {
	d := s.d
	continued := s.shown > 0
	s.shown, s.ticks = 0, 0
	switch {
	case d.closing || d.full() && !granted:
		d.stats.LostLines++
		d.stats.LostBytes += int64(len(s.prefix) + len(text) + 1)
		if !d.closing {
			s.dropped++
			s.wait()
		}
	case continued && d.unfinished == s:
		d.unfinished = nil
		d.add("", s.onTerminal(text), "\n")
	case continued && len(text) == 0: // another line has ended it
	default:
		s.reportDrops()
		d.finishLine()
		d.add(s.prefix, s.onTerminal(text), "\n")
	}
}

// reportDrops writes into the output that lines are missing here.
func (s *Stream) reportDrops() {
	if s.dropped == 0 || s.d.closing {
		return
	}
	lines := "lines"
	if s.dropped == 1 {
		lines = "line"
	}
	s.d.finishLine()
	s.d.add(s.prefix, fmt.Appendf(nil, "(%d %s dropped)", s.dropped, lines), "\n")
	s.dropped = 0
}

// wait puts the stream on the list that takeWaiting empties when there is room.
func (s *Stream) wait() {
	if !s.waiting {
		s.waiting = true
		s.d.waiting = append(s.d.waiting, s)
	}
}
