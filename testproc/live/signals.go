package live

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/gosv/gosv/testproc"
)

// signals holds the signal dispositions of this process. The Go runtime prints a trace
// and exits with status 2 on QUIT, ABRT and fault signals, swallows USR1 and similar
// signals, and cannot return from ignored to default. So these dispositions are set by
// rt_sigaction(2), which bypasses the runtime.
type signals struct {
	arrived  chan os.Signal
	handlers map[syscall.Signal][]testproc.Op
	ignored  map[syscall.Signal]bool
	bypassed map[syscall.Signal]bool // set without the runtime, which assumes that its handler is installed
}

func newSignals() signals {
	s := signals{
		arrived:  make(chan os.Signal, 64),
		handlers: map[syscall.Signal][]testproc.Op{},
		ignored:  map[syscall.Signal]bool{},
		bypassed: map[syscall.Signal]bool{},
	}
	for sig := syscall.SIGHUP; sig <= syscall.SIGSYS; sig++ {
		switch sig {
		case syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM:
			// The runtime's action for these equals the default action. Keeping it avoids
			// the short time in handle during which a bypassed signal is lost.
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
	if s.bypassed[sig] {
		signal.Ignore(sig) // otherwise Notify assumes that the runtime's handler is installed
		delete(s.bypassed, sig)
	}
	signal.Notify(s.arrived, sig)
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
	s.bypassed[sig] = true
	setAction(sig, action)
}

// setAction is rt_sigaction(2). The rest of the kernel's struct is zero: no flags and an
// empty mask. 8 is the size of the mask in bytes.
func setAction(sig syscall.Signal, action uint64) {
	act := [4]uint64{action}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
}

// die kills this process by the signal, without a core dump.
func die(sig syscall.Signal) {
	const prSetDumpable = 4
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
	setAction(sig, sigDefault)
	raise(sig)
	for {
		_ = syscall.Pause() // PID 1 of a PID namespace does not die of its own signal
	}
}

// raise sends a signal to the calling thread, as raise(3) does. If it were sent to the
// process, another thread might take it while this one continues.
func raise(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const sigUnblock = 1
	mask := uint64(1) << (sig - 1)
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, sigUnblock, uintptr(unsafe.Pointer(&mask)), 0, 8, 0, 0)
	_, _, _ = syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(syscall.Getpid()), uintptr(syscall.Gettid()), uintptr(sig))
}
