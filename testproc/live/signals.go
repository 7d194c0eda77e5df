package live

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/gosv/gosv/testproc"
)

// signals are the dispositions of this process. Go's runtime would print a
// trace and exit(2) on QUIT, ABRT and the signals of faults, swallow USR1 and its
// like, and has no way back from ignored to default, so these go past it by
// rt_sigaction(2).
type signals struct {
	came     chan os.Signal
	handlers map[syscall.Signal][]testproc.Op
	ignored  map[syscall.Signal]bool
	past     map[syscall.Signal]bool // set past the runtime, which thinks that its handler stands
}

func newSignals() signals {
	s := signals{
		came:     make(chan os.Signal, 64),
		handlers: map[syscall.Signal][]testproc.Op{},
		ignored:  map[syscall.Signal]bool{},
		past:     map[syscall.Signal]bool{},
	}
	for sig := syscall.SIGHUP; sig <= syscall.SIGSYS; sig++ {
		switch sig {
		case syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM:
			// The runtime's action is the default one. Leaving it spares these the
			// moment in handle during which a signal set past it is lost.
		default:
			if testproc.Fatal(sig) && sig != syscall.SIGKILL {
				s.set(sig, sigDefault)
			}
		}
	}
	return s
}

func (s *signals) handle(sig syscall.Signal, body []testproc.Op) {
	s.handlers[sig] = body
	delete(s.ignored, sig)
	if s.past[sig] {
		signal.Ignore(sig) // else Notify believes that the runtime's handler is in place
		delete(s.past, sig)
	}
	signal.Notify(s.came, sig)
}

func (s *signals) ignore(sig syscall.Signal) {
	signal.Ignore(sig)
	s.set(sig, sigIgnore)
	s.ignored[sig] = true
}

func (s *signals) reset(sig syscall.Signal) {
	signal.Reset(sig)
	s.set(sig, sigDefault)
	delete(s.ignored, sig)
}

// The actions of sigaction(2).
const (
	sigDefault = 0
	sigIgnore  = 1
)

func (s *signals) set(sig syscall.Signal, action uint64) {
	s.past[sig] = true
	setAction(sig, action)
}

// setAction is rt_sigaction(2). No flags and an empty mask make the rest of the
// kernel's struct zero; 8 is the size of its mask.
func setAction(sig syscall.Signal, action uint64) {
	act := [4]uint64{action}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
}

// die ends this process by a signal, without a core dump.
func die(sig syscall.Signal) {
	const prSetDumpable = 4
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
	setAction(sig, sigDefault)
	raise(sig)
	for {
		_ = syscall.Pause() // PID 1 of a namespace does not die of its own signal
	}
}

// raise sends a signal to the calling thread, as raise(3): sent to the process,
// another thread might take it while this one goes on.
func raise(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const sigUnblock = 1
	mask := uint64(1) << (sig - 1)
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, sigUnblock, uintptr(unsafe.Pointer(&mask)), 0, 8, 0, 0)
	_, _, _ = syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(syscall.Getpid()), uintptr(syscall.Gettid()), uintptr(sig))
}
