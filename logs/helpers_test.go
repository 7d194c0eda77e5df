package logs_test

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/gosv/gosv/logs"
)

// pipe is a writer whose answers a test chooses. answer, if set, returns the result
// of each write, and may block. Without answer every write succeeds.
type pipe struct {
	answer func(p []byte) (n int, err error)

	mu     sync.Mutex
	out    bytes.Buffer
	writes []int // sizes of the requested writes
}

func (w *pipe) Write(p []byte) (n int, err error) {
	w.mu.Lock()
	w.writes = append(w.writes, len(p))
	w.mu.Unlock()
	n = len(p)
	if w.answer != nil {
		n, err = w.answer(p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out.Write(p[:n])
	return n, err
}

func (w *pipe) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.String()
}

func (w *pipe) sizes() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes
}

// stuckPipe blocks every write until the gate is closed.
func stuckPipe() (w *pipe, gate chan struct{}) {
	gate = make(chan struct{})
	return &pipe{answer: func(p []byte) (int, error) { <-gate; return len(p), nil }}, gate
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// writeAll writes chunks without asking for Room.
func writeAll(s *logs.Stream, chunks ...string) {
	for _, c := range chunks {
		s.Write([]byte(c))
	}
}

// never is a resume function that must not be called.
func never() { panic("resume was called") }

// aMinute is a timeout that no passing test reaches.
const aMinute = time.Minute

// wholeLines is the model of the splitter. It works on the whole stream at once;
// the splitter must find the same lines however the stream is divided into chunks.
func wholeLines(stream string, lineMax int) []string {
	if stream == "" {
		return nil
	}
	lines := strings.Split(stream, "\n")
	last := len(lines) - 1
	var pieces []string
	for i, line := range lines {
		if i < last {
			line = strings.TrimSuffix(line, "\r")
		} else if line == "" {
			break
		}
		for len(line) > lineMax {
			n := lineMax
			for back := 1; back < 4 && line[n]&0xC0 == 0x80 && n > 1; back++ {
				n--
			}
			if line[n]&0xC0 == 0x80 {
				n = lineMax // no character begins nearby: not UTF-8
			}
			pieces, line = append(pieces, line[:n]), line[n:]
		}
		pieces = append(pieces, line)
	}
	return pieces
}
