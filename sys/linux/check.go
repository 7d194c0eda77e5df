package linux

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// CheckProgram returns what a spawn would find wrong with the program of a request,
// without spawning anything: nil, or a *sys.SpawnError. What it cannot read it does
// not judge.
func CheckProgram(r sys.SpawnRequest) error {
	program, fail := lookPath(&r)
	if fail != nil {
		return fail
	}
	if f := examine(r.Dir, program); f != nil {
		return &sys.SpawnError{Step: sys.StepExec, Path: program, Err: f.errno, Hint: execHint(r.Dir, program, f.errno)}
	}
	if size, most := argumentBytes(&r, program), maxArgumentBytes(); size > most {
		return &sys.SpawnError{Step: sys.StepExec, Path: program, Err: syscall.E2BIG,
			Hint: fmt.Sprintf("its arguments and environment take %d bytes, and may take %d", size, most)}
	}
	return nil
}

// knowsOtherFormats reports whether further formats of programs were registered with the
// kernel (binfmt_misc): there are files beside "register" and "status".
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
