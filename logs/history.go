package logs

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosv/gosv/sys"
)

const (
	// DefaultHistoryMax is what History keeps of one service, in bytes.
	DefaultHistoryMax = 1 << 20
	// DefaultHistoryTotal is what History keeps of all services, in bytes.
	DefaultHistoryTotal = 64 << 20
)

// History keeps the last output of every service in memory. Output that is recorded is
// copied and not split into lines; readers do that. All methods are safe for concurrent
// use, and no reader holds back a service: what a reader was too slow for is counted.
//
// The position of a byte is its number among all bytes that were recorded, of all
// services. Line.Seq and the cursors of readers are positions.
type History struct {
	perService, total int

	mu       sync.Mutex
	services map[string]*ring
	size     int           // of all rings
	position uint64        // of the next byte
	changed  chan struct{} // closed when something is recorded; nil if no reader waits
	spare    *segment      // one removed segment, to be used again
}

// NewHistory returns an empty History with these limits in bytes. It uses memory only for
// services that have written something.
func NewHistory(perService, total int) *History {
	return &History{perService: perService, total: total, services: map[string]*ring{}}
}

// Recorder is a [sys.Sink] that records what it passes on to the next Sink.
type Recorder struct {
	sys.Sink
	history    *History
	service    string
	generation uint64
}

// Record returns a Sink that records the output of one start of a service and passes
// everything on to next.
func (h *History) Record(service string, next sys.Sink) *Recorder {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.services[service]
	if r == nil {
		r = &ring{}
		h.services[service] = r
	}
	r.generation++
	return &Recorder{Sink: next, history: h, service: service, generation: r.generation}
}

// Write implements sys.Sink.
func (r *Recorder) Write(p []byte) {
	r.history.record(r, p)
	r.Sink.Write(p)
}

// Close ends a last line that has no newline.
func (r *Recorder) Close() {
	h := r.history
	h.mu.Lock()
	if ring := h.services[r.service]; ring.unfinished && ring.writer == r {
		h.add(ring, newline, time.Now())
	}
	h.mu.Unlock()
	r.Sink.Close()
}

func (h *History) record(r *Recorder, p []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	ring, now := h.services[r.service], time.Now()
	if ring.writer != r {
		if ring.unfinished {
			h.add(ring, newline, now) // another start of the service must not continue its line
		}
		ring.writer = r
	}
	h.add(ring, p, now)
}

// add copies p into a ring and removes what is too much. The caller holds h.mu.
func (h *History) add(r *ring, p []byte, now time.Time) {
	if len(p) == 0 {
		return
	}
	r.unfinished = p[len(p)-1] != '\n'
	for len(p) > 0 {
		s := r.last()
		if s == nil {
			s = h.newSegment()
			s.midLine, r.cut = r.cut, false
			r.segments = append(r.segments, s)
		}
		n := min(len(p), segmentMax-len(s.data))
		h.grow(r, s.add(p[:n], h.position, now.UnixNano(), r.writer.generation))
		h.position += uint64(n)
		p = p[n:]
		h.trim(r)
	}
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
}

func (h *History) grow(r *ring, by int) {
	r.size += by
	h.size += by
}

// trim removes the oldest segments of a ring that is too large, and of the largest
// rings if all together are.
func (h *History) trim(r *ring) {
	for r.size > h.perService && len(r.segments) > 1 {
		h.remove(r)
	}
	for h.size > h.total {
		largest := r
		for _, other := range h.services {
			if other.size > largest.size {
				largest = other
			}
		}
		h.remove(largest)
	}
}

func (h *History) remove(r *ring) {
	s := r.removeFirst()
	h.grow(r, -s.size())
	if !s.read && cap(s.data) == segmentMax {
		h.spare = s
	}
}

func (h *History) newSegment() *segment {
	s := h.spare
	if h.spare = nil; s == nil {
		return &segment{}
	}
	s.data, s.marks = s.data[:0], s.marks[:0]
	return s
}

// Last returns the last finished line of this start that is not empty; "" if there is
// none. A later start of the service may have written many lines since.
func (r *Recorder) Last() string {
	for n := 10; ; n *= 10 {
		lines, _ := r.history.Tail([]string{r.service}, n)
		for _, line := range slices.Backward(lines) {
			if text := strings.TrimSpace(line.Text); text != "" && line.Generation == r.generation {
				return text
			}
		}
		if len(lines) < n || lines[0].Generation < r.generation {
			return ""
		}
	}
}
