package live

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
)

func killMain(t target, _ string) (effect, error) {
	return effect{lethal: true}, t.signal(t.pid, unix.SIGKILL)
}

// signalMain sends a signal that ends a process which neither handles nor ignores it.
func signalMain(t target, arg string) (effect, error) {
	sig, ok := signame.Parse(arg)
	if !ok {
		return effect{}, fmt.Errorf("%q is no signal", arg)
	}
	met, err := handlesSignal(t.pid, sig)
	if err != nil {
		return effect{}, err
	}
	if met && t.service.Restart != config.RestartAlways {
		return effect{}, unsupported("it handles or ignores " + arg + ", and an end of its own choice need not be followed by a restart")
	}
	if !met && slices.Contains(dumping, sig) {
		if err := noCore(t.pid); err != nil {
			return effect{}, err
		}
	}
	return effect{lethal: !met}, t.signal(t.pid, sig)
}

// dumping are the signals whose default action is a core dump (signal(7)).
var dumping = []unix.Signal{unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV,
	unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS}

// noCore keeps a process that is about to die from leaving a core file in the
// user's directory.
func noCore(pid int) error {
	return unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
}

// meets tells whether a process handles, ignores or blocks a signal
// (proc_pid_status(5): SigCgt, SigIgn, SigBlk).
func handlesSignal(pid int, sig unix.Signal) (bool, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false, unix.ESRCH
	}
	return sig != unix.SIGKILL && inMask(string(text), sig, "SigCgt", "SigIgn", "SigBlk"), nil
}

// killMember kills a process of the service, any but the main one.
func killMember(t target, _ string) (effect, error) {
	var others []int
	for _, p := range t.members() {
		if p.Pid != t.pid {
			others = append(others, p.Pid)
		}
	}
	if len(others) == 0 {
		return effect{}, unsupported("it has one process only")
	}
	return effect{}, t.kill(others[t.random%uint64(len(others))])
}

// killGroup kills every process of the service, the main one last, so that no
// restart comes in between.
func killGroup(t target, _ string) (effect, error) {
	for _, p := range t.members() {
		if p.Pid == t.pid {
			continue
		}
		if err := t.kill(p.Pid); err != nil && !errors.Is(err, unix.ESRCH) {
			return effect{}, err
		}
	}
	return effect{lethal: true}, t.signal(t.pid, unix.SIGKILL)
}

// stopMain stops the main process for a while.
func stopMain(t target, arg string) (effect, error) {
	d, err := pause(arg, func() error { return unlessGone(t.signal(t.pid, unix.SIGCONT)) })
	if err != nil {
		return effect{}, err
	}
	return d, t.signal(t.pid, unix.SIGSTOP)
}

// unlessGone is no error if the process has ended meanwhile.
func unlessGone(err error) error {
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// stopSupervisor stops the supervisor for a while: a child of this program, which
// bears no mark.
func stopSupervisor(t target, arg string) (effect, error) {
	fd, err := unix.PidfdOpen(t.pid, 0)
	if err != nil {
		return effect{}, err
	}
	d, err := pause(arg, func() error {
		defer unix.Close(fd)
		return unlessGone(unix.PidfdSendSignal(fd, unix.SIGCONT, nil, 0))
	})
	if own, ok := readStat(t.pid); err == nil && (!ok || own.Ppid != os.Getpid()) {
		err = unix.ESRCH
	}
	if err == nil {
		err = unix.PidfdSendSignal(fd, unix.SIGSTOP, nil, 0)
	}
	if err != nil {
		_ = unix.Close(fd)
		return effect{}, err
	}
	d.stopsSupervisor = true
	return d, nil
}
