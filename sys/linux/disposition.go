package linux

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigaction is struct sigaction of the kernel (rt_sigaction(2)). The order of the
// fields is that of both architectures; arm64 does not use restorer.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// setAction fails only on a signal that cannot be caught.
func setAction(sig syscall.Signal, action, old *sigaction) {
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// inheritedIgnored reports whether the parent of this program ignored a signal. Go's
// runtime takes over every signal but an ignored HUP or INT before any code of the program
// runs (sigInstallGoHandler), so for QUIT the answer is that for INT: shells ignore both
// for what they start in the background.
func inheritedIgnored(sig syscall.Signal) bool {
	if sig == syscall.SIGQUIT {
		sig = syscall.SIGINT
	}
	return signal.Ignored(sig)
}

// DieOf ends this program by a signal, so that its parent sees that end and not an exit
// status: a shell or make that waits for it then stops too. A core is not dumped. If the
// signal has no effect, as in PID 1 of a namespace, the program exits with the status
// that a shell makes of such an end.
func DieOf(sig syscall.Signal) {
	runtime.LockOSThread()
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	var unblock unix.Sigset_t
	unblock.Val[0] = 1 << (sig - 1)
	setAction(sig, &sigaction{}, nil)
	_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &unblock, nil)
	_ = unix.Tgkill(unix.Getpid(), unix.Gettid(), sig)
	time.Sleep(10 * time.Millisecond)
	os.Exit(128 + int(sig))
}
