package systest

import (
	"strings"
	"sync"

	"github.com/gosv/gosv/sys"
)

// lines is a Sink that keeps what it gets. Its fields may be read through its
// methods only: a capture writes from a goroutine of its own.
type lines struct {
	mu      sync.Mutex
	got     strings.Builder
	limited bool
	limit   int // with limited: how many bytes may still come
	resume  func()
	wrong   string // how the capture broke the contract
	closed  int
}

var _ sys.Sink = (*lines)(nil)

// narrow is a sink that takes n bytes.
func narrow(n int) *lines { return &lines{limited: true, limit: n} }

func (l *lines) Room(resume func()) int {
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

func (l *lines) Write(p []byte) {
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

func (l *lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
}

// widen takes away the limit and calls resume if the capture waits for it.
func (l *lines) widen() {
	l.mu.Lock()
	resume := l.resume
	l.resume, l.limited = nil, false
	l.mu.Unlock()
	if resume != nil {
		resume()
	}
}

// isFull tells whether the capture was told that there is no room.
func (l *lines) isFull() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resume != nil
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.got.String()
}

func (l *lines) has(line string) bool {
	return strings.Contains("\n"+l.text(), "\n"+line+"\n")
}

// ended tells how often Close was called, and what was wrong.
func (l *lines) ended() (times int, wrong string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed, l.wrong
}
