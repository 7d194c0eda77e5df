package logs

import (
	"bytes"
	"errors"
	"io"
	"syscall"
	"time"
)

// retryPause is the time between two attempts to write to a file description that
// is nonblocking and full.
const retryPause = 20 * time.Millisecond

// run is the goroutine of a Destination. It ends after Close, when the queue is
// empty or abandoned.
func (d *Destination) run() {
	defer close(d.done)
	var failing error
	for {
		batch, ok := d.next()
		if !ok {
			return
		}
		n, err := d.write(batch)
		d.account(batch, n)
		if (err == nil) != (failing == nil) && d.opt.OnFailure != nil {
			d.opt.OnFailure(err)
		}
		failing = err
	}
}

// notify makes the goroutine look at the queue. It does not block.
func (d *Destination) notify() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// next waits for the next batch.
func (d *Destination) next() (batch []byte, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var chunk []byte
	for {
		chunk = d.pop()
		if chunk != nil || d.closing {
			break
		}
		d.chunks, d.asleep = nil, true
		d.mu.Unlock()
		<-d.wake
		d.mu.Lock()
	}
	// A torn line alone is tried only at Close: a failing writer is not tried
	// again without new data.
	if d.abandoned || chunk == nil && d.torn == nil {
		return nil, false
	}
	batch = chunk
	if d.torn != nil {
		batch = append(d.torn, chunk...)
		d.queued += len(d.torn)
		d.torn = nil
	}
	d.writing = batch
	return batch, true
}

// write writes the batch and returns how many bytes the writer accepted.
func (d *Destination) write(batch []byte) (n int, err error) {
	for n < len(batch) {
		m, err := d.w.Write(batch[n:])
		n += m
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			if d.isAbandoned() {
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

func (d *Destination) isAbandoned() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.abandoned
}

// account counts a batch of which n bytes were written, and resumes streams.
func (d *Destination) account(batch []byte, n int) {
	d.mu.Lock()
	if d.abandoned {
		d.mu.Unlock()
		return
	}
	d.writing = nil
	d.queued -= len(batch)
	d.stats.Written += int64(n)
	if n > 0 {
		d.midLine = batch[n-1] != '\n'
	}
	d.keepTorn(batch[n:])
	d.reuse(batch)
	var resume []func()
	if d.opt.QueueMax-d.queued >= d.opt.QueueMax/2 {
		resume = d.takeWaiting()
	}
	d.mu.Unlock()
	callAll(resume)
}

// keepTorn keeps what belongs to a line that was partly written, except at the
// last attempt, and loses the rest.
func (d *Destination) keepTorn(rest []byte) {
	if len(rest) == 0 {
		return
	}
	lastAttempt := d.closing && len(d.chunks) == 0
	if d.midLine && !lastAttempt {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		d.torn = bytes.Clone(rest[:end])
		rest = rest[end:]
	}
	d.lose(rest)
	d.skipping = len(rest) > 0 && rest[len(rest)-1] != '\n'
}
