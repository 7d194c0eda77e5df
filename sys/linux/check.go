package linux

import (
	"bytes"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// CheckProgram tells what a start would find wrong with the program of a
// request, without starting anything: nil, or a *sys.SpawnError.
func CheckProgram(r sys.SpawnRequest) error {
	program, fail := lookPath(&r)
	if fail != nil {
		return fail
	}
	errno := execErrno(r.Dir, program)
	if errno != 0 {
		return &sys.SpawnError{Step: sys.StepExec, Path: program, Err: errno, Hint: execHint(r.Dir, program, errno)}
	}
	if size, most := argumentBytes(&r, program), maxArgumentBytes(); size > most {
		return &sys.SpawnError{Step: sys.StepExec, Path: program, Err: syscall.E2BIG,
			Hint: fmt.Sprintf("its arguments and environment take %d bytes, and may take %d", size, most)}
	}
	return nil
}

// execErrno is what execve(2) would answer, as far as the beginning of the file
// tells.
func execErrno(dir, program string) syscall.Errno {
	path := under(dir, program)
	if err := executable(path); err != nil {
		return errnoOf(err)
	}
	head := firstBytes(path)
	if head == nil || bytes.HasPrefix(head, []byte("\x7fELF")) {
		return 0 // what may not be read may be executed nevertheless
	}
	interpreter, isScript := parseShebang(head)
	switch {
	case !isScript && len(head) > 0 && knowsOtherFormats():
		return 0
	case !isScript:
		return syscall.ENOEXEC
	}
	if err := executable(under(dir, interpreter)); err != nil {
		return errnoOf(err)
	}
	return 0
}

// knowsOtherFormats tells whether somebody has taught the kernel formats of programs
// (binfmt_misc), beside its files "register" and "status".
func knowsOtherFormats() bool {
	formats, _ := os.ReadDir("/proc/sys/fs/binfmt_misc")
	return len(formats) > 2
}

// invocationBytes is more than the variable that the supervisor adds.
const invocationBytes = 128

// argumentBytes is what execve(2) copies for a request: strings, and a pointer to
// each (bprm_stack_limits of fs/exec.c).
func argumentBytes(r *sys.SpawnRequest, program string) int {
	const pointer = 8
	size := 2*(len(program)+1) + pointer + invocationBytes
	for _, list := range [][]string{r.Args, r.Env} {
		for _, s := range list {
			size += len(s) + 1 + pointer
		}
	}
	return size
}

// maxArgumentBytes is a quarter of the stack, within bounds (execve(2)).
func maxArgumentBytes() int {
	const least, most = 128 << 10, 6 << 20
	var stack unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_STACK, &stack) != nil {
		return most
	}
	return int(max(least, min(most, stack.Cur/4)))
}
