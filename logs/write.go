package logs

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"time"
)

// retryPause is the time between two attempts on a descriptor that is
// nonblocking and full.
const retryPause = 20 * time.Millisecond

// run is the goroutine of a Destination. It ends after Close, with the queue
// empty or given up.
func (d *Destination) run() {
	defer close(d.done)
	var failing error
	for {
		batch, begun, ok := d.next()
		if !ok {
			return
		}
		n, err := d.write(batch)
		d.finish(batch, n, begun)
		if (err == nil) != (failing == nil) && d.opt.OnFailure != nil {
			d.opt.OnFailure(err)
		}
		failing = err
	}
}

// next waits for the next batch. begun says that it starts inside a line.
func (d *Destination) next() (batch []byte, begun, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.chunks) == 0 && !d.closing {
		d.chunks, d.spare, d.asleep = nil, nil, true
		d.mu.Unlock()
		d.opt.Bell.Wait()
		d.mu.Lock()
	}
	// A torn line alone is tried only when it is the last chance, so that a
	// destination that fails is not tried without new data.
	if d.abandoned || len(d.chunks) == 0 && d.torn == nil {
		return nil, false, false
	}
	begun = d.torn != nil
	chunk := d.pop()
	if batch = chunk; begun {
		batch = append(d.torn, chunk...)
		d.queued += len(d.torn)
		d.torn = nil
	}
	d.hand = batch
	return batch, begun, true
}

// pop takes the oldest chunk, nil if there is none.
func (d *Destination) pop() []byte {
	if len(d.chunks) == 0 {
		return nil
	}
	chunk := d.chunks[0]
	d.chunks[0] = nil
	d.chunks = d.chunks[1:]
	return chunk
}

// write writes the batch and reports how much of it the destination took.
func (d *Destination) write(batch []byte) (n int, err error) {
	for n < len(batch) {
		m, err := d.w.Write(batch[n:])
		n += m
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			if d.gaveUp() {
				return n, err
			}
			time.Sleep(retryPause)
		case err != nil:
			return n, err
		case m == 0:
			return n, io.ErrNoProgress
		}
	}
	return n, nil
}

func (d *Destination) gaveUp() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.abandoned
}

// finish accounts for a batch of which n bytes were written.
func (d *Destination) finish(batch []byte, n int, begun bool) {
	d.mu.Lock()
	if d.abandoned {
		d.mu.Unlock()
		return
	}
	d.hand = nil
	d.queued -= len(batch)
	d.stats.Written += int64(n)
	rest := batch[n:]
	if n > 0 {
		begun = batch[n-1] != '\n'
	}
	lastChance := d.closing && len(d.chunks) == 0
	if begun && len(rest) > 0 && !lastChance {
		end := bytes.IndexByte(rest, '\n') + 1
		d.torn = bytes.Clone(rest[:end])
		rest = rest[end:]
	}
	d.lose(rest)
	if cap(batch) <= 2*chunkMax {
		d.spare = batch[:0]
	}
	var resume []func()
	if d.opt.QueueMax-d.queued >= d.opt.QueueMax/2 {
		resume = d.takeWaiting()
	}
	d.mu.Unlock()
	call(resume)
}

// takeWaiting empties the list of those who wait for room, announces what they
// had to drop, and returns what must be called without the lock.
func (d *Destination) takeWaiting() (resume []func()) {
	for _, s := range d.waiting {
		s.waiting = false
		s.announce()
		if s.resume != nil {
			resume = append(resume, s.resume)
			s.resume = nil
		}
	}
	d.waiting = nil
	return resume
}

func call(fs []func()) {
	for _, f := range fs {
		f()
	}
}
