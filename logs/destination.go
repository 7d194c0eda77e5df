package logs

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// DefaultQueueMax is the capacity of a Destination's queue, in bytes.
	DefaultQueueMax = 1 << 20
	// DefaultLineMax is the longest text that stands in one line, in bytes. It
	// is what docker's log drivers cut at.
	DefaultLineMax = 16 << 10

	// chunkMax bounds what goes into one write(2), unless a single line or
	// block is longer. It is the capacity of a pipe.
	chunkMax = 64 << 10
)

// Policy is what a full queue means for the streams that feed it.
type Policy uint8

const (
	// Block holds streams back: [Stream.Room] is 0, so the service waits in
	// write(2), as it would with a pipe that nobody reads.
	Block Policy = iota
	// Drop takes the bytes and drops lines, counts them, and says so in their
	// place when there is room again: "web | (12 lines dropped)".
	Drop
)

// Options say how a Destination behaves. The zero value is legal.
type Options struct {
	Policy   Policy
	Colour   bool // colour the names of services: see UseColour
	QueueMax int  // bytes; 0 is DefaultQueueMax
	LineMax  int  // bytes of text; 0 is DefaultLineMax
	// OnFailure is called with the error when writing begins to fail, and with
	// nil when it works again; from the Destination's goroutine.
	OnFailure func(error)
	// Bell wakes the Destination's goroutine; nil is a channel.
	Bell Bell
}

// Bell wakes one goroutine. Ring does not block and may be called from any
// goroutine; it makes the present or the next Wait return, and calls may merge.
type Bell interface {
	Ring()
	Wait()
}

type channelBell chan struct{}

func (b channelBell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

func (b channelBell) Wait() { <-b }

// Stats counts what became of the output. A piece of a line that was cut at
// LineMax counts as a line; bytes include names and newlines. Written, Queued
// and LostBytes add up to all that was ever to be written.
type Stats struct {
	Written   int64 // bytes that the destination took
	Queued    int64 // bytes that wait
	LostLines int64 // dropped because of a full queue, a failing write or Close
	LostBytes int64
}

// Destination writes whole lines to one writer. All methods are safe for
// concurrent use, and none but Close waits for the writer.
//
// The queue takes a line or a block as long as it holds less than QueueMax, so
// that it is bounded by QueueMax and the longest of them. It holds no memory
// while it is empty.
//
// When a write fails (EPIPE, EIO, ENOSPC, ...), the batch is lost and counted,
// but the rest of a line that was begun is kept, and goes out first when the
// next lines are tried: what arrives is always whole lines. EAGAIN (another
// process made the shared descriptor nonblocking) is retried 50 times a second.
type Destination struct {
	w    io.Writer
	opt  Options
	done chan struct{} // the writing goroutine has ended

	mu        sync.Mutex
	chunks    [][]byte  // whole lines, oldest first; each is one write(2)
	hand      []byte    // the batch that is being written
	torn      []byte    // rest of a line whose beginning was written
	spare     []byte    // a written chunk to be used again
	queued    int       // bytes in chunks and hand, without torn
	waiting   []*Stream // who must be told when there is room
	stats     Stats     // Queued is filled in by Stats
	asleep    bool      // the goroutine waits for the bell
	closing   bool      // nothing more is taken
	abandoned bool      // Close has given up on the goroutine
}

// NewDestination starts the goroutine that writes to w; Close ends it.
func NewDestination(w io.Writer, opt Options) *Destination {
	if opt.QueueMax == 0 {
		opt.QueueMax = DefaultQueueMax
	}
	if opt.LineMax == 0 {
		opt.LineMax = DefaultLineMax
	}
	if opt.Bell == nil {
		opt.Bell = make(channelBell, 1)
	}
	d := &Destination{w: w, opt: opt, done: make(chan struct{})}
	go d.run()
	return d
}

// WriteBlock queues a text of several lines in one piece: one write(2), with
// nothing in between. It reports whether the text was taken; a full queue or a
// closed Destination drops it, and counts it.
func (d *Destination) WriteBlock(text string) bool {
	return d.put("", []byte(text))
}

// Stats is a snapshot of the counters.
func (d *Destination) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Queued = int64(d.queued + len(d.torn))
	return s
}

// Close takes no more lines, writes out what waits for at most timeout, and
// gives the final counters: Queued is 0, and what was not written is lost. A
// batch whose write(2) has not returned counts as lost as a whole. Streams that
// wait for room are resumed, and what they write is lost too.
func (d *Destination) Close(timeout time.Duration) Stats {
	d.mu.Lock()
	d.closing = true
	resume := d.takeWaiting()
	d.opt.Bell.Ring()
	d.mu.Unlock()
	call(resume)

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-d.done:
	case <-timer.C:
		d.abandon()
	}
	return d.Stats()
}

// abandon leaves the goroutine to its stuck write(2).
func (d *Destination) abandon() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.abandoned {
		return
	}
	d.abandoned = true
	for _, c := range d.chunks {
		d.lose(c)
	}
	d.lose(d.hand)
	d.lose(d.torn)
	d.chunks, d.hand, d.torn, d.spare, d.queued = nil, nil, nil, nil, 0
}

// full tells whether a line that has no grant is dropped.
func (d *Destination) full() bool { return d.closing || d.queued >= d.opt.QueueMax }

// put queues p as one piece, with a newline at the end if it has none. before is
// put in front of it, and is not counted when p is dropped.
func (d *Destination) put(before string, p []byte) bool {
	if len(p) == 0 {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if p[len(p)-1] == '\n' {
		p = p[:len(p)-1]
	}
	if d.full() {
		d.stats.LostLines += int64(bytes.Count(p, newline)) + 1
		d.stats.LostBytes += int64(len(p)) + 1
		return false
	}
	d.add(before, p)
	return true
}

// add queues prefix, text and a newline as one piece. d.mu is held.
func (d *Destination) add(prefix string, text []byte) {
	n := len(prefix) + len(text) + 1
	last := len(d.chunks) - 1
	if last < 0 || len(d.chunks[last])+n > chunkMax {
		d.chunks = append(d.chunks, d.newChunk())
		last++
	}
	c := append(d.chunks[last], prefix...)
	c = append(c, text...)
	d.chunks[last] = append(c, '\n')
	d.queued += n
	if d.asleep {
		d.asleep = false
		d.opt.Bell.Ring()
	}
}

// newChunk is empty. The first one in the queue grows as needed: often it will
// carry a single line.
func (d *Destination) newChunk() []byte {
	c := d.spare
	d.spare = nil
	if c == nil && len(d.chunks) > 0 {
		c = make([]byte, 0, chunkMax)
	}
	return c[:0]
}

// lose counts whole lines, or the end of one, that will not be written.
func (d *Destination) lose(p []byte) {
	d.stats.LostLines += int64(bytes.Count(p, newline))
	d.stats.LostBytes += int64(len(p))
}

var newline = []byte{'\n'}
