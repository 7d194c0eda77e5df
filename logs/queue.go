package logs

import "bytes"

// spareMax bounds the chunks that are kept for reuse. Without them a fast service
// makes garbage as fast as it writes.
const spareMax = DefaultQueueMax / chunkMax

var newline = []byte{'\n'}

// full reports whether a line is dropped that no grant of Room covers.
func (d *Destination) full() bool { return d.closing || d.queued >= d.opt.QueueMax }

// put queues p as one piece, and adds a newline if p ends without one. before goes
// in front of it, and is not counted when p is dropped.
func (d *Destination) put(before string, p []byte) bool {
	if len(p) == 0 {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p = bytes.TrimSuffix(p, newline)
	if d.closing || d.queued >= 2*d.opt.QueueMax {
		d.stats.LostLines += int64(bytes.Count(p, newline)) + 1
		d.stats.LostBytes += int64(len(p)) + 1
		return false
	}
	d.finishLine()
	d.add(before, p, "\n")
	return true
}

// finishLine ends the unfinished line of a stream, so that another line can follow.
func (d *Destination) finishLine() {
	if d.unfinished != nil {
		d.unfinished = nil
		d.add("", nil, "\n")
	}
}

// add queues prefix, text and end in one chunk. The caller holds d.mu.
func (d *Destination) add(prefix string, text []byte, end string) {
	n := len(prefix) + len(text) + len(end)
	last := len(d.chunks) - 1
	if last < 0 || len(d.chunks[last])+n > chunkMax {
		d.chunks = append(d.chunks, d.newChunk())
		last++
	}
	c := append(d.chunks[last], prefix...)
	c = append(c, text...)
	d.chunks[last] = append(c, end...)
	d.queued += n
	if d.asleep {
		d.asleep = false
		d.notify()
	}
}

// newChunk returns an empty chunk. The first one of the queue grows as needed,
// because often it carries a single line.
func (d *Destination) newChunk() []byte {
	if last := len(d.spare) - 1; last >= 0 {
		c := d.spare[last]
		d.spare = d.spare[:last]
		return c[:0]
	}
	if len(d.chunks) > 0 {
		return make([]byte, 0, chunkMax)
	}
	return nil
}

// reuse keeps a written chunk, until the queue has been empty for a while.
func (d *Destination) reuse(c []byte) {
	if len(d.spare) < spareMax && cap(c) <= 2*chunkMax {
		d.spare = append(d.spare, c[:0])
		d.startTicker()
	}
}

// pop removes the oldest chunk, without what belongs to a line whose beginning was
// lost. It returns nil if nothing is queued.
func (d *Destination) pop() []byte {
	for len(d.chunks) > 0 {
		chunk := d.chunks[0]
		d.chunks[0] = nil
		d.chunks = d.chunks[1:]
		if d.skipping {
			chunk = d.skip(chunk)
		}
		if len(chunk) > 0 {
			return chunk
		}
	}
	return nil
}

// skip loses the beginning of a chunk up to the end of a line.
func (d *Destination) skip(chunk []byte) []byte {
	end := bytes.IndexByte(chunk, '\n') + 1
	if d.skipping = end == 0; d.skipping {
		end = len(chunk)
	}
	d.lose(chunk[:end])
	d.queued -= end
	return chunk[end:]
}

// lose counts bytes that will not be written.
func (d *Destination) lose(p []byte) {
	d.stats.LostLines += int64(bytes.Count(p, newline))
	d.stats.LostBytes += int64(len(p))
}

// takeWaiting empties the list of streams that wait for room, reports in the
// output what they had to drop, and returns the functions to call without the lock.
func (d *Destination) takeWaiting() (resume []func()) {
	for _, s := range d.waiting {
		s.waiting = false
		s.reportDrops()
		if s.resume != nil {
			resume = append(resume, s.resume)
			s.resume = nil
		}
	}
	d.waiting = nil
	return resume
}

func callAll(fs []func()) {
	for _, f := range fs {
		f()
	}
}
