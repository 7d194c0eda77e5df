package supervisor

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// machineErrnos are faults of the machine, whatever the step of the start: the same
// program can start a moment later. Everything else, at a step that is about
// the program, is the program's fault.
var machineErrnos = map[syscall.Errno]bool{
	syscall.EAGAIN:  true, // RLIMIT_NPROC, pids.max, the pid space
	syscall.ENOMEM:  true,
	syscall.EMFILE:  true,
	syscall.ENFILE:  true,
	syscall.ETXTBSY: true, // somebody is still writing the program
	syscall.EBUSY:   true,
	syscall.EIO:     true, // the disk
	syscall.EINTR:   true,
	syscall.ENOSPC:  true,
}

// forMachine reports whether the machine is the cause of a failed start.
func forMachine(e *sys.SpawnError) bool {
	return e.Step == sys.StepPrepare || e.Step == sys.StepCgroup || e.Step == sys.StepFork || machineErrnos[e.Err]
}

// startFailure makes an event of a failed start.
func startFailure(svc *service, err error) lifecycle.Event {
	var e *sys.SpawnError
	if !errors.As(err, &e) {
		panic(fmt.Sprintf("supervisor: a start failed with %T, not *sys.SpawnError: %v", err, err))
	}
	code := 126
	if e.Err == syscall.ENOENT && (e.Step == sys.StepLookup || e.Step == sys.StepExec) {
		code = 127
	}
	return lifecycle.Event{
		Kind: lifecycle.SpawnFailed, Machine: forMachine(e),
		Outcome: lifecycle.Outcome{Cause: lifecycle.StartFailed, Code: code, Step: string(e.Step), Errno: e.Err,
			Err: fmt.Sprintf("cannot start %q: %v", svc.conf.Name, e)},
	}
}
