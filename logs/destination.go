package logs

import (
	"io"
	"sync"
	"time"
)

const (
	// DefaultQueueMax is the capacity of a Destination's queue in bytes.
	DefaultQueueMax = 1 << 20
	// DefaultLineMax is the longest text of one line in bytes. Docker's log
	// drivers split at the same length.
	DefaultLineMax = 16 << 10

	// chunkMax bounds one write(2), unless a single line or block is longer. It is
	// the capacity of a pipe (pipe(7)).
	chunkMax = 64 << 10
)

// Policy decides what a full queue does to the streams that feed it.
type Policy uint8

const (
	// Block holds streams back: [Stream.Room] returns 0, so the service waits in
	// write(2), as it would for the reader of a full pipe.
	Block Policy = iota
	// Drop accepts all bytes, drops lines, counts them, and reports the number in
	// their place when there is room again: "web | (12 lines dropped)".
	Drop
)

// Options configures a Destination. The zero value is valid.
type Options struct {
	Policy   Policy
	Colour   bool // colour the names of services: see UseColour
	Terminal bool // repeat the name after each carriage return
	QueueMax int  // bytes; 0 means DefaultQueueMax
	LineMax  int  // bytes of text; 0 means DefaultLineMax
	// OnFailure is called with the error when writing starts to fail, and with
	// nil when it works again. The Destination's goroutine calls it.
	OnFailure func(error)
}

// Stats counts what became of the output. A piece of a line that was split at
// LineMax counts as a line. Bytes include names and newlines. Written, Queued and
// LostBytes add up to all bytes that were to be written.
type Stats struct {
	Written   int64 // bytes that the writer accepted
	Queued    int64 // bytes that wait
	LostLines int64 // lost to a full queue, a failed write or Close
	LostBytes int64
}

// Destination writes whole lines to one writer. All methods are safe for
// concurrent use, and only Close waits for the writer.
//
// The queue accepts a line of a service while it holds less than QueueMax bytes,
// and a block or log record while it holds less than twice that: the log of the
// supervisor keeps room of its own beside services that fill the queue. An empty
// queue keeps its memory for at most a second.
//
// When a write fails (EPIPE, EIO, ENOSPC, ...), the batch is lost and counted.
// The rest of a line that was partly written is kept and goes out first with the
// next batch, so the output consists of whole lines. EAGAIN, which happens when
// another process made the shared file description nonblocking, is retried 50
// times a second.
type Destination struct {
	w    io.Writer
	opt  Options
	wake chan struct{} // capacity 1
	done chan struct{} // closed when the goroutine has ended

	mu         sync.Mutex
	chunks     [][]byte  // queued bytes, oldest first; each is one write(2)
	writing    []byte    // the batch in write(2)
	torn       []byte    // rest of a line whose beginning was written
	midLine    bool      // the last byte that the writer accepted ends no line
	skipping   bool      // the beginning of the next queued line was lost
	spare      [][]byte  // written chunks, to be used again
	queued     int       // bytes in chunks and writing, without torn
	unfinished *Stream   // its line is the last in the queue and has no newline yet
	partials   []*Stream // streams that may have an unfinished line
	ticker     ticker
	waiting    []*Stream // streams to resume when there is room
	stats      Stats     // Queued is filled in by Stats
	asleep     bool      // the goroutine waits for wake
	closing    bool      // nothing more is accepted
	abandoned  bool      // Close no longer waits for the goroutine
}

// NewDestination starts the goroutine that writes to w. Close ends it.
func NewDestination(w io.Writer, opt Options) *Destination {
	if opt.QueueMax == 0 {
		opt.QueueMax = DefaultQueueMax
	}
	if opt.LineMax == 0 {
		opt.LineMax = DefaultLineMax
	}
	d := &Destination{w: w, opt: opt, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go d.run()
	return d
}

// WriteBlock queues a text of several lines as one piece: one write(2), with
// nothing in between. It reports whether the text was accepted. A full queue or a
// closed Destination drops and counts it.
func (d *Destination) WriteBlock(text string) bool {
	return d.put("", []byte(text))
}

// Stats returns a snapshot of the counters.
func (d *Destination) Stats() Stats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.stats
	s.Queued = int64(d.queued + len(d.torn))
	return s
}

// Close accepts no more lines, writes the queue for at most timeout, and returns
// the final counters: Queued is 0, and what was not written is lost. A batch whose
// write(2) has not returned counts as lost as a whole. Streams that wait for room
// are resumed, and what they write is lost too.
func (d *Destination) Close(timeout time.Duration) Stats {
	d.mu.Lock()
	d.finishLine()
	d.closing = true
	resume := d.takeWaiting()
	d.notify()
	d.mu.Unlock()
	callAll(resume)

	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-d.done:
	case <-timer.C:
		d.abandon()
	}
	return d.Stats()
}

// abandon leaves the goroutine in its blocked write(2).
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
	d.lose(d.writing)
	d.lose(d.torn)
	d.chunks, d.writing, d.torn, d.spare, d.queued = nil, nil, nil, nil, 0
}
