package live

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// What package syscall does not name, see ptrace(2) and waitid(2).
const (
	ptraceSeize     = 0x4206
	ptraceListen    = 0x4208
	ptraceEventStop = 128
	waitProcess     = 1 // P_PID
)

// trace attaches to a process; 0 is the parent of this one. A thread of its own,
// which is the tracer for the kernel, lets the process go on whenever it stops for
// the tracer, and leaves its zombie alone.
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
			_ = syscall.Pause() // with this thread the tracing would end
		}
	}()
	if err := <-attached; err != nil {
		fail("trace", err)
	}
}

// follow returns when the process has ended.
func follow(pid int) {
	var info struct {
		_      [24]byte
		status int32 // of SIGCHLD, on 64 bits
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
			_ = ptrace(ptraceListen, pid, 0) // it stays stopped, as without a tracer
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
