package fakesys

import (
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/testproc"
)

// frame is a list of operations that is running: the script, the body of a loop or a
// signal handler.
type frame struct {
	ops     []testproc.Op
	pc      int
	done    int // bytes that the current operation has already written
	loop    bool
	handler bool
	since   time.Duration // when this iteration of the loop began
}

// loopPause is the least duration of one iteration of a loop, so that a loop without a
// sleep does not stop virtual time.
const loopPause = time.Millisecond

// opCost is the processor time charged for an operation. It takes no virtual time.
const opCost = 50 * time.Microsecond

// kick schedules a turn of a process now. A superfluous turn does no harm, because a turn
// checks what the process can do.
func (w *World) kick(p *process) {
	if p.turn == nil && !p.dead && !p.system {
		p.turn = w.queue.add(&event{at: w.now, proc: p, cause: w.trace.text.line()}, w.now)
	}
}

// turn lets a process handle one signal or run one operation.
func (w *World) turn(p *process) {
	if p.dead || p.hang && !p.slept {
		return
	}
	if p.hang { // the uninterruptible sleep is over: signals are handled from now on
		p.hang, p.slept = false, false
		p.frames[len(p.frames)-1].advance()
		w.freezeMayComplete(p)
	}
	if w.deliver(p) {
		return
	}
	if len(p.frames) == 0 {
		p.spawn.proceed()
		return
	}
	p.cpu += opCost
	f := &p.frames[len(p.frames)-1]
	if f.pc == len(f.ops) {
		w.endFrame(p, f)
		return
	}
	if w.do(p, f, &f.ops[f.pc]) && !p.dead {
		w.kick(p)
	}
}

// advance moves to the next operation of the frame.
func (f *frame) advance() bool {
	f.pc++
	f.done = 0
	return true
}

func (w *World) endFrame(p *process, f *frame) {
	switch {
	case f.loop && w.now == f.since:
		w.sleep(p, loopPause)
		f.since = -1
		return
	case f.loop:
		p.slept, p.timer = false, nil
		f.pc, f.since = 0, w.now
	case len(p.frames) == 1:
		w.exit(p, sys.Status{})
		return
	default:
		p.signals.handling = p.signals.handling && !f.handler
		p.frames = p.frames[:len(p.frames)-1]
	}
	w.kick(p)
}

func (w *World) sleep(p *process, d time.Duration) {
	if p.timer != nil {
		return
	}
	p.timer = w.queue.add(&event{at: w.now + d, proc: p, timer: true, cause: w.trace.text.line()}, w.now)
}

// do starts or continues an operation and reports whether the process may continue.
func (w *World) do(p *process, f *frame, op *testproc.Op) bool {
	if f.done == 0 && !p.slept {
		w.note(p.pid, EvRun, f.pc, 0, string(op.Verb), 0)
	}
	switch op.Verb {
	case testproc.Exit:
		w.exit(p, sys.Status{Code: op.N})
		return false
	case testproc.Die:
		p.signals.reset(op.Sig)
		w.exit(p, sys.Status{Signal: op.Sig})
		return false
	case testproc.Sleep, testproc.Block:
		return w.pause(p, f, op)
	case testproc.Print:
		return w.print(p, f, p.out, op.Text+"\n")
	case testproc.Warn:
		return w.print(p, f, p.err, op.Text+"\n")
	case testproc.Write:
		return w.print(p, f, p.out, op.Text)
	case testproc.Flood:
		return w.flood(p, f, op.N)
	case testproc.Ignore, testproc.Default, testproc.On:
		w.dispose(p, op)
	case testproc.Fork, testproc.Daemon, testproc.Sibling:
		return w.scriptFork(p, f, op)
	case testproc.Setsid:
		if p.pgid == p.pid {
			w.exit(p, sys.Status{Code: 99})
			return false
		}
		w.table.setGroup(p, p.pid, p.pid)
		p.tty = false
		w.Fire(LeavesGroup)
	case testproc.Setpgid:
		if p.pgid != p.pid {
			w.table.setGroup(p, p.pid, p.sid)
			w.Fire(LeavesGroup)
		}
	case testproc.Stop:
		f.advance()
		w.send(p, p, syscall.SIGSTOP)
		return true
	case testproc.Wait:
		return w.waitChildren(p, f)
	case testproc.Trace:
		if !w.seize(p, op.N) {
			w.exit(p, sys.Status{Code: 98})
			return false
		}
	case testproc.EndLeader:
		w.EndLeader(p.pid)
	case testproc.Loop:
		f.advance()
		p.frames = append(p.frames, frame{ops: op.Body, loop: true, since: w.now})
		return true
	default:
		panic("fakesys: unknown testproc operation " + string(op.Verb))
	}
	return f.advance()
}

// pause sleeps, interruptibly or not.
func (w *World) pause(p *process, f *frame, op *testproc.Op) bool {
	if p.slept {
		p.slept, p.timer = false, nil
		return f.advance()
	}
	p.hang = op.Verb == testproc.Block
	if op.Time != testproc.Forever {
		w.sleep(p, op.Time)
	}
	return false
}

func (w *World) dispose(p *process, op *testproc.Op) {
	s := &p.signals
	s.reset(op.Sig)
	switch op.Verb {
	case testproc.Ignore:
		s.ignored.add(op.Sig)
		s.pending.del(op.Sig)
	case testproc.On:
		s.caught.add(op.Sig)
		s.handlers = append(s.handlers, handler{op.Sig, op.Body})
	}
}

// scriptFork runs fork, daemon or sibling. If the kernel refuses the fork, the process
// exits with status 98.
func (w *World) scriptFork(p *process, f *frame, op *testproc.Op) bool {
	parent := p
	if op.Verb == testproc.Daemon { // the intermediate parent has exited already
		w.Fire(LeavesGroup)
		for parent = p.parent; !parent.subreaper && parent != w.table.init; {
			parent = parent.parent
		}
	}
	if op.Verb == testproc.Sibling {
		parent = p.parent
	}
	c, errno := w.fork(p, parent, op.Body)
	if errno != 0 {
		w.exit(p, sys.Status{Code: 98})
		return false
	}
	if op.Verb == testproc.Sibling && (p.spawn != nil || p.sibling) {
		c.sibling = true
		w.Fire(SiblingMade)
	}
	return f.advance()
}

// seize makes p the tracer of a process; PID 0 means its parent. It fails if that process
// is traced already or has exited (ptrace_attach).
func (w *World) seize(p *process, pid int) bool {
	t := p.parent
	if pid != 0 {
		t = w.find(pid)
	}
	if t == nil || t == p || t.system || t.dead || t.tracer != nil {
		return false
	}
	t.tracer, p.traced = p, append(p.traced, t)
	return true
}

// waitChildren reaps exited children and continues when no child is left.
func (w *World) waitChildren(p *process, f *frame) bool {
	for i := 0; i < len(p.children); {
		if p.children[i].waitable() {
			w.reap(p.children[i])
		} else {
			i++
		}
	}
	if len(p.children) > 0 {
		return false
	}
	return f.advance()
}

func (w *World) print(p *process, f *frame, to *stream, text string) bool {
	n, errno := w.write(p, to, text[f.done:])
	return w.wrote(p, f, n, len(text), errno)
}

// wrote counts n written bytes of an operation that writes total bytes.
func (w *World) wrote(p *process, f *frame, n, total int, errno syscall.Errno) bool {
	if f.done += n; errno == 0 && f.done < total {
		return false // the pipe is full
	}
	return f.advance()
}

func (w *World) flood(p *process, f *frame, total int) bool {
	for f.done < total {
		want := min(total-f.done, pipeSize)
		n, errno := w.write(p, p.out, strings.Repeat("x", want))
		if errno != 0 {
			break
		}
		if f.done += n; n < want {
			return false // the pipe is full
		}
	}
	return f.advance()
}
