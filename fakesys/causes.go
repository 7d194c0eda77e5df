package fakesys

import (
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// traceWriter writes the readable trace. Each line has a number and, where it is
// known, the chain of earlier lines that caused it.
//
// Causes are facts, not guesses: an event records the line at which it was scheduled,
// and that event is the cause of every line noted while it runs. A nil traceWriter
// writes nothing and costs nothing.
type traceWriter struct {
	to     io.Writer
	lines  []traceLine
	head   int                   // the line that causes what is noted next; 0 is none
	wake   int                   // the line that gave gosv its first reason to wake
	idle   bool                  // that reason is a deadline
	sent   map[[2]int]int        // PID and signal, to the line at which it was sent last
	ended  map[int]int           // PID, to the line of its exit
	starts map[int]int           // spawn ID, to the line of its request
	due    map[time.Duration]int // deadline of a remark, to the line of the remark
}

// traceLine is a line that was written.
type traceLine struct {
	Note
	cause int
}

func newTraceWriter(to io.Writer) *traceWriter {
	if to == nil {
		return nil
	}
	return &traceWriter{to: to, sent: map[[2]int]int{}, ended: map[int]int{}, starts: map[int]int{}, due: map[time.Duration]int{}}
}

// maxLinks is how much of a chain is shown.
const maxLinks = 4

// write writes a line.
func (t *traceWriter) write(w *World, n Note) {
	cause := t.causeOf(w, n)
	t.lines = append(t.lines, traceLine{n, cause})
	line := len(t.lines)
	fmt.Fprintf(t.to, "%5d %v%s\n", line, n, t.chain(n.Op, cause))
	if n.Op.causesNext() {
		t.head = line
	}
	switch n.Op {
	case EvKill:
		t.sent[[2]int{n.N, n.M}] = line
	case OpSpawn:
		t.starts[n.N] = line
	case EvExit:
		t.ended[n.Who] = line
	}
}

// causesNext reports whether a line of this kind causes the lines that follow it.
func (o Op) causesNext() bool {
	switch o {
	case EvAction, EvRun, EvDeliver, EvExit, EvFault, EvWoke:
		return true
	}
	return false
}

func (t *traceWriter) causeOf(w *World, n Note) int {
	switch n.Op {
	case EvDeliver:
		if line := t.sent[[2]int{n.N, n.M}]; line > 0 {
			return line
		}
	case EvFork:
		if p := w.find(n.N); p != nil && p.spawn != nil {
			return t.starts[int(p.spawn.req.ID)]
		}
	case EvReaped:
		return t.ended[n.N]
	case EvWoke:
		cause := t.wake
		t.wake = 0
		if line := t.due[n.At]; line > 0 && sys.Reason(n.N)&sys.WokeDeadline != 0 {
			return line
		}
		return cause
	}
	return t.head
}

// chain renders the causes of a line: the informative links, back to a line that has
// no cause in this machine.
func (t *traceWriter) chain(op Op, cause int) string {
	if !explained[op] {
		return ""
	}
	var b strings.Builder
	for links := 0; cause > 0; cause = t.lines[cause-1].cause {
		link := t.lines[cause-1]
		if !link.informative() {
			continue
		}
		if links++; links > maxLinks {
			b.WriteString(" <- ...")
			break
		}
		fmt.Fprintf(&b, " <- %d %s", cause, link.short())
		if link.Op == EvRun {
			break // the program's own action needs no cause
		}
	}
	return b.String()
}

// explained lists the kinds of lines that are written with their chain. A call of gosv
// that changes nothing needs none.
var explained = [opCount]bool{
	OpSpawn: true, OpAbort: true, EvFork: true, EvSpawned: true, EvKill: true, EvDeliver: true, EvExit: true,
	EvAdopt: true, EvStop: true, EvContinue: true, EvCgroup: true, EvWoke: true, EvRemark: true, EvCrash: true, EvReaped: true,
}

// informative reports whether a link belongs in a chain. An action that another line
// scheduled adds nothing to that line.
func (l traceLine) informative() bool {
	switch l.Op {
	case EvAction:
		return l.cause == 0
	case EvKill:
		return syscall.Signal(l.M) != syscall.SIGCHLD
	case OpSpawn, EvRun, EvExit, EvStop, EvFault, EvRemark, EvCrash:
		return true
	}
	return false
}

// short returns the link without its time and without padding.
func (l traceLine) short() string {
	if l.Op == EvRemark || l.Op == EvAction {
		return l.Text
	}
	return strings.TrimPrefix(strings.Join(strings.Fields(l.tail()), " "), "world ")
}

// line returns the number of the line that causes what is being scheduled. It is
// negative for gosv's own calls before its first Wait, and 0 without a trace.
func (t *traceWriter) line() int32 {
	if t == nil { // the usual case, so that it is inlined
		return 0
	}
	return t.present()
}

func (t *traceWriter) present() int32 {
	if last := len(t.lines); last > 0 && t.lines[last-1].Op.schedules() {
		return int32(last)
	}
	if t.head == 0 {
		return -1
	}
	return int32(t.head)
}

// schedules reports whether a line of this kind causes what is scheduled right after it.
func (o Op) schedules() bool {
	switch o {
	case EvKill, EvFork, EvExec, EvSpawned, EvCgroup, EvStop, EvContinue, EvAdopt:
		return true
	}
	return false
}

// during makes a line the cause of what is noted from now on, and returns the previous
// one.
func (t *traceWriter) during(cause int32) (before int32) {
	if t == nil {
		return 0
	}
	before, t.head = int32(t.head), int(cause)
	return before
}

// woken notes why gosv will wake. It keeps the first reason, but any other reason
// replaces a deadline.
func (t *traceWriter) woken(why sys.Reason) {
	if t != nil {
		t.noteWake(why)
	}
}

func (t *traceWriter) noteWake(why sys.Reason) {
	if t.wake <= 0 || t.idle {
		t.wake, t.idle = int(t.line()), why == sys.WokeDeadline
	}
}

// Remark writes a line of the program under test, or of its test, into the readable
// trace, for example a decision. due is the deadline that the program set with it, or
// 0: when that deadline wakes the program, the trace names the remark as the cause.
// Remarks are not part of the hash.
func (w *World) Remark(text string, due time.Duration) {
	t := w.trace.text
	if t == nil {
		return
	}
	who := 0
	if w.kernel != nil {
		who = w.kernel.self.pid
	}
	t.write(w, Note{At: w.now, Who: who, Op: EvRemark, Text: text})
	if due > w.now {
		t.due[due] = len(t.lines)
	}
}
