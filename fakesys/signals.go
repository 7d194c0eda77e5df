package fakesys

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/testproc"
)

// sigset is a set of signals.
type sigset uint64

func (s sigset) has(sig syscall.Signal) bool { return s&(1<<uint(sig)) != 0 }
func (s *sigset) add(sig syscall.Signal)     { *s |= 1 << uint(sig) }
func (s *sigset) del(sig syscall.Signal)     { *s &^= 1 << uint(sig) }

// signalState holds the signal dispositions and the pending signals of a process.
type signalState struct {
	ignored  sigset
	caught   sigset
	pending  sigset
	fatal    bool // the process will die of KILL or of a default action
	fatalSig syscall.Signal
	handlers []handler
	handling bool // a handler is running, so other handlers wait
}

type handler struct {
	sig  syscall.Signal
	body []testproc.Op
}

func (s *signalState) handler(sig syscall.Signal) []testproc.Op {
	for i := range s.handlers {
		if s.handlers[i].sig == sig {
			return s.handlers[i].body
		}
	}
	return nil
}

func (s *signalState) reset(sig syscall.Signal) {
	s.ignored.del(sig)
	s.caught.del(sig)
	for i := range s.handlers {
		if s.handlers[i].sig == sig {
			s.handlers = append(s.handlers[:i:i], s.handlers[i+1:]...)
			return
		}
	}
}

// Default actions (signal(7)).
var (
	stopSignals = setOf(syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU)
	coreSignals = setOf(syscall.SIGQUIT, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGABRT, syscall.SIGBUS,
		syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGXCPU, syscall.SIGXFSZ, syscall.SIGSYS)
	quietSignals = setOf(syscall.SIGCHLD, syscall.SIGCONT, syscall.SIGURG, syscall.SIGWINCH)
)

func setOf(sigs ...syscall.Signal) sigset {
	var s sigset
	for _, sig := range sigs {
		s.add(sig)
	}
	return s
}

// SignalRecord is one signal that was sent.
type SignalRecord struct {
	At     time.Duration
	From   int // PID of the sender; 0 is the kernel or an external process
	Target int
	Start  time.Duration // when the target was forked: with Target it identifies one process
	Sig    syscall.Signal
	Zombie bool // the target was a zombie, so the signal had no effect
}

// send sends a signal to one process, as send_signal_locked of the kernel does. who is nil
// for the kernel itself and for external processes.
func (w *World) send(who, p *process, sig syscall.Signal) {
	from := 0
	if who != nil {
		from = who.pid
	}
	w.note(from, EvKill, p.pid, int(sig), "", 0)
	if w.logSent && sig != 0 && sig != syscall.SIGCHLD {
		w.sent = append(w.sent, SignalRecord{w.now, from, p.pid, p.born, sig, p.dead})
	}
	if sig == 0 {
		return
	}
	if who != nil && who.system {
		w.noteSignal(p, sig)
	}
	if p.dead {
		return
	}
	if p.system {
		w.sendSystem(p, sig)
		return
	}
	s := &p.signals
	switch { // prepare_signal
	case sig == syscall.SIGCONT:
		s.pending &^= stopSignals
		w.resume(p)
	case stopSignals.has(sig):
		s.pending.del(syscall.SIGCONT)
	}
	if sig == syscall.SIGKILL {
		s.fatal, s.fatalSig = true, sig
		w.kick(p)
		return
	}
	if s.ignored.has(sig) || quietSignals.has(sig) && !s.caught.has(sig) {
		return
	}
	s.pending.add(sig)
	if w.fatalNow(p, sig) { // complete_signal: all threads start to exit
		s.pending.del(sig)
		s.fatal, s.fatalSig = true, sig
	}
	w.kick(p)
}

// noteSignal counts the unusual circumstances of a signal sent by gosv.
func (w *World) noteSignal(p *process, sig syscall.Signal) {
	switch {
	case p.dead:
		w.Fire(KillZombie)
	case p.hang && sig == syscall.SIGKILL:
		w.Fire(KillPends)
	case p.frozen():
		w.Fire(SignalFrozen)
	case p.stopped && sig != syscall.SIGCONT:
		w.Fire(TermPends)
	case p.signals.ignored.has(sig):
		w.Fire(TermIgnored)
	}
}

// fatalNow reports whether a signal kills the process even while it is frozen. In a
// stopped process the signal stays pending, and a core dump needs a running process.
func (w *World) fatalNow(p *process, sig syscall.Signal) bool {
	return !p.blocked && !p.signals.caught.has(sig) && !stopSignals.has(sig) && !coreSignals.has(sig) && !p.stopped && !p.signals.fatal
}

// sendSystem is a signal to gosv or the world's init.
func (w *World) sendSystem(p *process, sig syscall.Signal) {
	if k := w.kernel; k != nil && p == k.self {
		k.receive(sig)
	}
}

// resume is the effect of CONT, which does not depend on its disposition.
func (w *World) resume(p *process) {
	if p.stopped {
		p.stopped, p.reported = false, false
		w.table.version++
		w.note(p.pid, EvContinue, 0, 0, "", 0)
		w.kick(p)
	}
}

// deliver lets one pending signal take effect, and reports whether that ends the turn of p.
func (w *World) deliver(p *process) (over bool) {
	s := &p.signals
	if s.fatal {
		w.note(p.pid, EvDeliver, p.pid, int(s.fatalSig), "", 0)
		w.exit(p, sys.Status{Signal: s.fatalSig})
		return true
	}
	if p.stopped || p.frozen() {
		return true
	}
	ready := s.pending
	if p.blocked {
		ready &= setOf(syscall.SIGSTOP)
	}
	if s.handling {
		ready &^= s.caught
	}
	if ready == 0 {
		return false
	}
	sig := syscall.Signal(1)
	for !ready.has(sig) {
		sig++
	}
	s.pending.del(sig)
	w.note(p.pid, EvDeliver, p.pid, int(sig), "", 0)
	switch {
	case s.caught.has(sig):
		w.handle(p, sig)
	case stopSignals.has(sig):
		if sig != syscall.SIGSTOP && w.isOrphaned(p.pgid, nil) {
			return false
		}
		w.stop(p, sig)
	default:
		w.exit(p, sys.Status{Signal: sig, Core: coreSignals.has(sig)})
	}
	return true
}

func (w *World) stop(p *process, sig syscall.Signal) {
	p.stopped, p.reported, p.stopSig = true, false, sig
	w.table.version++
	w.note(p.pid, EvStop, p.pid, int(sig), "", 0)
	if k := w.kernel; k != nil && p.parent == k.self {
		k.childChanged()
	} else if p.parent != nil {
		w.send(nil, p.parent, syscall.SIGCHLD)
	}
	w.kick(p)
}

// handle runs a handler. An interrupted sleep starts over afterwards.
func (w *World) handle(p *process, sig syscall.Signal) {
	w.queue.cancel(p.timer)
	p.timer, p.slept = nil, false
	p.signals.handling = true
	p.frames = append(p.frames, frame{ops: p.signals.handler(sig), handler: true})
	w.kick(p)
}

// valid reports whether a signal number is valid; 0 only checks permission (valid_signal).
func valid(sig syscall.Signal) bool { return sig >= 0 && sig <= 64 }

// sendGroup is kill(-pgid): it sends to every member, including zombies.
func (w *World) sendGroup(who *process, pgid int, sig syscall.Signal) syscall.Errno {
	if w.table.uses[pgid] == 0 {
		return syscall.ESRCH
	}
	errno := syscall.ESRCH
	for _, p := range w.table.byPid {
		if p != nil && p.pgid == pgid && !valid(sig) {
			return syscall.EINVAL
		}
		switch {
		case p == nil || p.pgid != pgid:
		case who != nil && p.foreign:
			if errno != 0 {
				errno = syscall.EPERM // unless another member takes it
			}
		default:
			errno = 0
			w.send(who, p, sig)
		}
	}
	return errno
}
