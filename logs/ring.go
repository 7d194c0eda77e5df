package logs

import "bytes"

// segmentMax bounds a segment: what a ring removes at once.
const segmentMax = 64 << 10

// markSize is what a mark counts as, in bytes.
const markSize = 32

// markPeriod is the resolution of the times of lines, in nanoseconds.
const markPeriod = 1e6

// ring is the recorded output of one service. The lock of its History guards it.
type ring struct {
	segments   []*segment // oldest first
	size       int        // of all segments
	generation uint64     // of the last start
	writer     *Recorder  // of the last byte
	unfinished bool       // the last byte is not a newline
	cut        bool       // the unfinished line began in a segment that was removed
	removals   []removal  // oldest first
}

// removal counts lines that a ring no longer holds.
type removal struct {
	end   uint64 // position after the last removed byte
	lines uint64
}

// removalsMax bounds ring.removals. Older ones are added up, so a reader that is far
// behind learns of more lines than it missed.
const removalsMax = 64

// segment is a part of the output of a service. Readers share data and marks: neither
// changes up to the length that a reader has seen.
type segment struct {
	data    []byte
	marks   []mark
	midLine bool // its first line began in a segment that was removed
	read    bool // a reader may still use it, so it is not used again
}

// mark describes the bytes of a segment from offset up to the next mark.
type mark struct {
	offset     int
	position   uint64 // of the byte at offset
	time       int64  // Unix time in nanoseconds
	generation uint64
}

func (s *segment) size() int { return len(s.data) + markSize*len(s.marks) }

// end returns the position after the last byte.
func (s *segment) end() uint64 {
	last := s.marks[len(s.marks)-1]
	return last.position + uint64(len(s.data)-last.offset)
}

// add appends p and returns by how much the segment has grown. A mark is left out where
// the one before it fits.
func (s *segment) add(p []byte, position uint64, now int64, generation uint64) (grown int) {
	before := s.size()
	fits := len(s.marks) > 0
	if fits {
		last := s.marks[len(s.marks)-1]
		fits = last.generation == generation && s.end() == position && now-last.time < markPeriod
	}
	if !fits {
		s.marks = append(s.marks, mark{len(s.data), position, now, generation})
	}
	s.data = append(s.data, p...)
	return s.size() - before
}

// last returns the segment to append to; nil if a new one is needed.
func (r *ring) last() *segment {
	if len(r.segments) == 0 {
		return nil
	}
	if s := r.segments[len(r.segments)-1]; len(s.data) < segmentMax && s.size() < 2*segmentMax {
		return s
	}
	return nil
}

// removeFirst removes the oldest segment and counts its lines as removed.
func (r *ring) removeFirst() *segment {
	s := r.segments[0]
	r.segments[0] = nil
	r.segments = r.segments[1:]
	gone := removal{s.end(), uint64(bytes.Count(s.data, newline))}
	if tail := s.data[len(s.data)-1] != '\n'; tail {
		gone.lines++
		if r.cut = len(r.segments) == 0; !r.cut {
			r.segments[0].midLine = true
		}
	}
	if s.midLine && gone.lines > 0 {
		gone.lines-- // counted with the segment before
	}
	r.removals = append(r.removals, gone)
	if len(r.removals) > removalsMax {
		r.removals[1].lines += r.removals[0].lines
		r.removals = r.removals[1:]
	}
	return s
}

// removedAfter counts the removed lines whose position may be after a cursor.
func (r *ring) removedAfter(cursor uint64) (lines uint64) {
	for _, gone := range r.removals {
		if gone.end > cursor {
			lines += gone.lines
		}
	}
	return lines
}
