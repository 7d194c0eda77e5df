package logs

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosv/gosv/sys"
)

// Bounds of Recent, in bytes of what it keeps.
const (
	DefaultRecentPerService = 1 << 20
	DefaultRecentTotal      = 64 << 20
)

// Recent keeps the last lines of every service in memory, so that an operator
// sees them without a log file. It is bounded per service and altogether, and
// uses memory only for services that write. Its methods are safe for concurrent
// use; a reader holds up a service only while it copies lines.
type Recent struct {
	perService, total int64

	now  func() time.Time
	seq  atomic.Uint64 // number of the newest line
	kept atomic.Int64  // bytes of all chunks

	mu       sync.Mutex
	services map[string]*recentService
	changed  chan struct{} // closed by the next line; nil: no reader waits
	waiting  atomic.Bool   // changed is not nil
}

// RecentLine is one line that a service wrote.
type RecentLine struct {
	Seq     uint64 // numbers the lines of all services in the order of arrival
	Time    time.Time
	Service string
	Text    string
	Dropped uint64 // lines of the service before this one that are not kept any more
}

// NewRecent makes an empty store; 0 stands for a default.
func NewRecent(perService, total int64) *Recent {
	if perService == 0 {
		perService = DefaultRecentPerService
	}
	if total == 0 {
		total = DefaultRecentTotal
	}
	return &Recent{perService: perService, total: total, now: time.Now, services: map[string]*recentService{}}
}

// Tee returns a sink that keeps the lines of one stream and passes everything on.
func (r *Recent) Tee(service string, lineMax int, next sys.Sink) sys.Sink {
	return &tee{Sink: next, recent: r, service: r.service(service), lineMax: lineMax}
}

func (r *Recent) service(name string) *recentService {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.services[name] == nil {
		r.services[name] = &recentService{name: name}
	}
	return r.services[name]
}

// Tail returns at most n last lines of the services, oldest first, and the number
// after which Follow continues without a gap.
func (r *Recent) Tail(services []string, n int) (lines []RecentLine, next uint64) {
	next = r.seq.Load()
	for _, svc := range r.find(services) {
		lines = append(lines, svc.tail(n, next)...)
	}
	sortLines(lines)
	return lines[max(0, len(lines)-n):], next
}

// Follow waits until the services have lines numbered after seq and returns them,
// with the number to continue after.
func (r *Recent) Follow(ctx context.Context, services []string, seq uint64) (lines []RecentLine, next uint64, err error) {
	for {
		changed := r.subscribe()
		next = max(seq, r.seq.Load())
		for _, svc := range r.find(services) {
			lines = append(lines, svc.after(seq, next)...)
		}
		if len(lines) > 0 {
			sortLines(lines)
			return lines, next, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, seq, ctx.Err()
		}
	}
}

func (r *Recent) subscribe() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed == nil {
		r.changed = make(chan struct{})
		r.waiting.Store(true)
	}
	return r.changed
}

func (r *Recent) notify() {
	if !r.waiting.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
		r.waiting.Store(false)
	}
}

func (r *Recent) find(names []string) (found []*recentService) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range names {
		if svc := r.services[name]; svc != nil {
			found = append(found, svc)
		}
	}
	return found
}

// shrink makes room when all services together keep too much: the one that just
// wrote keeps its newest chunk, and others give their oldest.
func (r *Recent) shrink() {
	if r.kept.Load() <= r.total {
		return
	}
	r.mu.Lock()
	all := make([]*recentService, 0, len(r.services))
	for _, svc := range r.services {
		all = append(all, svc)
	}
	r.mu.Unlock()
	for r.kept.Load() > r.total {
		largest := slices.MaxFunc(all, func(a, b *recentService) int { return int(a.size.Load() - b.size.Load()) })
		freed := largest.dropOldest()
		if freed == 0 {
			return
		}
		r.kept.Add(-freed)
	}
}

func sortLines(lines []RecentLine) {
	slices.SortFunc(lines, func(a, b RecentLine) int {
		if a.Seq < b.Seq {
			return -1
		}
		return 1
	})
}

// tee is a sink that keeps what passes.
type tee struct {
	sys.Sink
	recent  *Recent
	service *recentService
	lineMax int
	partial []byte
}

// Write implements sys.Sink.
func (t *tee) Write(p []byte) {
	t.keep(p, nextPiece)
	t.Sink.Write(p)
}

// Close implements sys.Sink. A last line without a newline is a line.
func (t *tee) Close() {
	t.keep(nil, lastPiece)
	t.partial = nil
	t.Sink.Close()
}

// keep finds whole lines and leaves the beginning of the next one in partial.
func (t *tee) keep(p []byte, next func([]byte, int) ([]byte, int)) {
	if len(t.partial) > 0 {
		p = append(t.partial, p...)
	}
	now, any := t.recent.now(), false
	for len(p) > 0 {
		text, used := next(p, t.lineMax)
		if used == 0 {
			break
		}
		t.recent.kept.Add(t.service.add(t.recent, now, text))
		p, any = p[used:], true
	}
	t.partial = append(t.partial[:0], p...)
	if len(p) == 0 {
		t.partial = nil
	}
	if any {
		t.recent.shrink()
		t.recent.notify()
	}
}
