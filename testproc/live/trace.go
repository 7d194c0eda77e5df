package live

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Constants of ptrace(2) and waitid(2) that package syscall does not define.
const (
	ptraceSeize     = 0x4206
	ptraceListen    = 0x4208
	ptraceEventStop = 128
	waitProcess     = 1 // P_PID
)

// trace attaches to a process; PID 0 means the parent. A separate thread, which is the
// tracer for the kernel, continues the process whenever it stops for the tracer, and
// does not reap its zombie.
func (p *process) trace(pid int) {
	if pid == 0 {
		pid = os.Getppid()
	}
	attached := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := ptrace(ptraceSeize, pid, 0)
		attached <- err
		if err == nil {
			follow(pid)
		}
		for {
			_ = syscall.Pause() // the tracing ends when this thread exits
		}
	}()
	if err := <-attached; err != nil {
		fail("trace", err)
	}
}

// follow continues the traced process at each stop and returns when it has exited.
func follow(pid int) {
	var info struct {
		_      [24]byte
		status int32 // si_status of a SIGCHLD siginfo on 64-bit Linux
		_      [100]byte
	}
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, waitProcess, uintptr(pid), uintptr(unsafe.Pointer(&info)), syscall.WSTOPPED|syscall.WALL, 0, 0)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return // without WEXITED a zombie is ECHILD
		}
		sig, event := info.status&0x7f, info.status>>8
		switch {
		case event == 0:
			_ = ptrace(syscall.PTRACE_CONT, pid, uintptr(sig))
		case event == ptraceEventStop && sig != int32(syscall.SIGTRAP):
			_ = ptrace(ptraceListen, pid, 0) // it stays stopped, as it would without a tracer
		default:
			_ = ptrace(syscall.PTRACE_CONT, pid, 0)
		}
	}
}

func ptrace(request, pid int, data uintptr) error {
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PTRACE, uintptr(request), uintptr(pid), 0, data, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
