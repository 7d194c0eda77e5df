package fakesys

import (
	"fmt"
	"syscall"
	"time"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
)

// Note is one line of the trace as data: which process did what, and the result.
type Note struct {
	At    time.Duration
	Who   int // PID of the acting process; 0 is the world
	Op    Op
	N     int // a count, handle or PID, by Op
	M     int // a signal or count, by Op
	Text  string
	Errno syscall.Errno
}

// String returns the line of the trace.
func (n Note) String() string { return fmt.Sprintf("%-12v %s", n.At, n.tail()) }

func (n Note) tail() string {
	who := "world"
	if n.Who > 0 {
		who = fmt.Sprint(n.Who)
	}
	s := fmt.Sprintf("%-6s %s", who, n.Op)
	switch opTable[n.Op].args {
	case argN:
		s += fmt.Sprintf(" %d", n.N)
	case argNSig:
		s += fmt.Sprintf(" %d %s", n.N, signame.Name(syscall.Signal(n.M)))
	case argNM:
		s += fmt.Sprintf(" %d %d", n.N, n.M)
	case argDeadline:
		s += " until " + deadlineText(time.Duration(n.N))
	case argEnd:
		s += endText(n.N, syscall.Signal(n.M))
	case argReasons:
		s += reasonText(sys.Reason(n.N))
	}
	if n.Text != "" {
		s += fmt.Sprintf(" %q", n.Text)
	}
	if n.Errno != 0 {
		s += " -> " + n.Errno.Error()
	}
	return s
}

func deadlineText(d time.Duration) string {
	if d == 1<<63-1 {
		return "never"
	}
	return d.String()
}

func endText(code int, sig syscall.Signal) string {
	if sig != 0 {
		return " by " + signame.Name(sig)
	}
	return fmt.Sprintf(" %d", code)
}

func reasonText(why sys.Reason) (s string) {
	for i, word := range []string{"deadline", "child", "spawn", "signal", "watch", "work", "command"} {
		if why&(1<<i) != 0 {
			s += " " + word
		}
	}
	return s
}

// tracer keeps the running hash, and writes the readable trace if it was requested.
type tracer struct {
	sum  uint64
	text *traceWriter // nil: not requested
	seen []func(Note)
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// hash mixes a number into the running hash (FNV-1a, a word at a time).
func (w *World) hash(v uint64) {
	s := (w.trace.sum ^ v) * fnvPrime
	w.trace.sum = s ^ s>>29
}

// note adds one line to the trace. It formats nothing unless the readable trace was
// requested, because most runs need only the hash.
func (w *World) note(who int, op Op, n, m int, text string, errno syscall.Errno) {
	w.hash(uint64(w.now))
	w.hash(uint64(who)<<48 | uint64(op)<<40 | uint64(errno)<<24 ^ uint64(m))
	w.hash(uint64(n))
	for i := 0; i < len(text); i++ {
		w.trace.sum = (w.trace.sum ^ uint64(text[i])) * fnvPrime
	}
	if w.trace.text == nil && len(w.trace.seen) == 0 {
		return
	}
	line := Note{w.now, who, op, n, m, text, errno}
	if w.trace.text != nil {
		w.trace.text.write(w, line)
	}
	for _, f := range w.trace.seen {
		f(line)
	}
}

// TraceHash returns the hash of everything that has happened: equal hashes mean equal
// runs.
func (w *World) TraceHash() uint64 { return w.trace.sum }

// OnNote calls f with every line of the trace, as data.
func (w *World) OnNote(f func(Note)) { w.trace.seen = append(w.trace.seen, f) }
