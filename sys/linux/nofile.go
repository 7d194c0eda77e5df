package linux

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// originalNofile returns the limit of open files that this program was started
// with, nil if Go's start-up has left it as it was. Go raises the soft limit to one
// below the hard limit (syscall/rlimit.go), keeps the old one to itself and gives it
// back to children of ForkExec. So it is read from such a child: a program of two
// instructions that ends at once and leaves its limits in its zombie.
var originalNofile = sync.OnceValue(func() *unix.Rlimit {
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err != nil || own.Cur != own.Max-1 {
		return nil
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fd, err := unix.MemfdCreate("exit", unix.MFD_CLOEXEC)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, exitProgram()); err != nil {
		return nil
	}
	pid, err := syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", fd), []string{"exit"}, &syscall.ProcAttr{})
	if err != nil {
		return nil
	}
	var was unix.Rlimit
	_, _, err = waitID(unix.P_PID, pid, unix.WEXITED|unix.WNOWAIT)
	if err == nil {
		err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &was)
	}
	_, _, _ = waitID(unix.P_PID, pid, unix.WEXITED)
	if err != nil {
		return nil
	}
	return &was
})

// exitProgram returns an ELF executable (elf(5)) that calls exit(0).
func exitProgram() []byte {
	const base, headers = 0x400000, 64 + 56
	machine, code := uint16(62), []byte{0x31, 0xff, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05} // xor edi, edi; mov eax, 60; syscall
	if runtime.GOARCH == "arm64" {
		machine, code = 183, []byte{0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4} // mov x0, 0; mov x8, 93; svc 0
	}
	size := uint64(headers + len(code))
	var program bytes.Buffer
	program.WriteString("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	for _, field := range []any{
		uint16(2), machine, uint32(1), uint64(base + headers), uint64(64), uint64(0), uint32(0), uint16(64), uint16(56), uint16(1), uint16(0), uint16(0), uint16(0),
		uint32(1), uint32(5), uint64(0), uint64(base), uint64(base), size, size, uint64(0x1000),
	} {
		_ = binary.Write(&program, binary.LittleEndian, field) // a Buffer takes everything
	}
	return append(program.Bytes(), code...)
}
