package systest

import (
	"strings"
	"sync"

	"github.com/gosv/gosv/sys"
)

// Lines is a Sink that keeps what it gets. Its fields may be read through its
// methods only: a capture writes from a goroutine of its own.
type Lines struct {
	mu      sync.Mutex
	got     strings.Builder
	limited bool
	limit   int // with limited: how many bytes may still come
	resume  func()
	wrong   string // how the capture broke the contract
	closed  int
}

var _ sys.Sink = (*Lines)(nil)

// narrow is a sink that takes n bytes.
func narrow(n int) *Lines { return &Lines{limited: true, limit: n} }

func (l *Lines) Room(resume func()) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.limited {
		return 1 << 20
	}
	if l.limit == 0 {
		l.resume = resume
	}
	return l.limit
}

func (l *Lines) Write(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limited && len(p) > l.limit {
		l.wrong = "Write with more bytes than Room allows"
	}
	if l.closed > 0 {
		l.wrong = "Write after Close"
	}
	l.limit -= len(p)
	l.got.Write(p)
}

func (l *Lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
}

// widen takes away the limit and calls resume if the capture waits for it.
func (l *Lines) widen() {
	l.mu.Lock()
	resume := l.resume
	l.resume, l.limited = nil, false
	l.mu.Unlock()
	if resume != nil {
		resume()
	}
}

// isFull reports whether the capture was told that there is no room.
func (l *Lines) isFull() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resume != nil
}

// Text is what has been written.
func (l *Lines) Text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.got.String()
}

func (l *Lines) has(line string) bool {
	return strings.Contains("\n"+l.Text(), "\n"+line+"\n")
}

// Ended reports how often Close was called, and what was wrong.
func (l *Lines) Ended() (times int, wrong string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed, l.wrong
}
