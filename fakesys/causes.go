package fakesys

import (
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// traceWriter writes the readable trace: each line with its number and, where it is
// known, the chain of earlier lines that it came of.
//
// Causes are facts, not guesses: an event knows the line at which it was
// scheduled, and whatever is noted while it runs is its doing. A nil traceWriter tells
// nothing and costs nothing.
type traceWriter struct {
	to     io.Writer
	lines  []told
	head   int                   // the line that whatever is noted next comes of; 0 is none
	wake   int                   // the line at which gosv got the first reason to wake
	idle   bool                  // that reason is a deadline
	sent   map[[2]int]int        // process and signal, to the line at which it was sent last
	ended  map[int]int           // process, to the line of its end
	starts map[int]int           // the start, to the line of its request
	due    map[time.Duration]int // a deadline that gosv spoke of, to the line
}

// told is a line that was written.
type told struct {
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

// tell writes a line.
func (t *traceWriter) tell(w *World, n Note) {
	cause := t.causeOf(w, n)
	t.lines = append(t.lines, told{n, cause})
	line := len(t.lines)
	fmt.Fprintf(t.to, "%5d %v%s\n", line, n, t.chain(n.Op, cause))
	if n.Op.heads() {
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

// heads tells of the lines that those after them come of.
func (o Op) heads() bool {
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

// chain shows where a line came from: the links that tell something, back to
// what nothing in this machine has caused.
func (t *traceWriter) chain(op Op, cause int) string {
	if !explained[op] {
		return ""
	}
	var b strings.Builder
	for links := 0; cause > 0; cause = t.lines[cause-1].cause {
		link := t.lines[cause-1]
		if !link.tells() {
			continue
		}
		if links++; links > maxLinks {
			b.WriteString(" <- ...")
			break
		}
		fmt.Fprintf(&b, " <- %d %s", cause, link.short())
		if link.Op == EvRun {
			break // it is what the program does by itself
		}
	}
	return b.String()
}

// explained are the lines that are shown with their chain. A call of gosv that
// changes nothing needs none.
var explained = [opCount]bool{
	OpSpawn: true, OpAbort: true, EvFork: true, EvSpawned: true, EvKill: true, EvDeliver: true, EvExit: true,
	EvAdopt: true, EvStop: true, EvContinue: true, EvCgroup: true, EvWoke: true, EvRemark: true, EvCrash: true, EvReaped: true,
}

// tells leaves out the links that are machinery: what another line has scheduled
// says nothing more than that line.
func (l told) tells() bool {
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

// short is the link without its time and without padding.
func (l told) short() string {
	if l.Op == EvRemark || l.Op == EvAction {
		return l.Text
	}
	return strings.TrimPrefix(strings.Join(strings.Fields(l.tail()), " "), "world ")
}

// line is the number of the line that is the cause of what is being scheduled;
// negative where it is gosv's before it has slept, 0 when nothing is told.
func (t *traceWriter) line() int32 {
	if t == nil { // most runs: this much is inlined
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

// schedules tells of the lines that are the cause of what is scheduled right
// after them.
func (o Op) schedules() bool {
	switch o {
	case EvKill, EvFork, EvExec, EvSpawned, EvCgroup, EvStop, EvContinue, EvAdopt:
		return true
	}
	return false
}

// during makes a line the cause of what is noted from now on, and gives the one
// that was it.
func (t *traceWriter) during(cause int32) (before int32) {
	if t == nil {
		return 0
	}
	before, t.head = int32(t.head), int(cause)
	return before
}

// woken notes why gosv will wake: the first reason, or one that says more than that
// a deadline has come.
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

// Remark puts a line of the program under test, or of its test, into the
// readable trace: what it has decided, say. due is a deadline that it set with
// that, or 0: when it wakes by this deadline, the trace names the remark as the
// cause. Remarks are no part of the hash.
func (w *World) Remark(text string, due time.Duration) {
	t := w.trace.text
	if t == nil {
		return
	}
	who := 0
	if w.kernel != nil {
		who = w.kernel.self.pid
	}
	t.tell(w, Note{At: w.now, Who: who, Op: EvRemark, Text: text})
	if due > w.now {
		t.due[due] = len(t.lines)
	}
}
