package live

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/procfs"
)

func killMain(t target, _ string) (effect, error) {
	return killed(), t.signal(t.pid, unix.SIGKILL)
}

// signalMain sends a signal that ends a process that neither handles nor ignores it.
func signalMain(t target, arg string) (effect, error) {
	sig, ok := signame.Parse(arg)
	if !ok {
		return effect{}, fmt.Errorf("%q is not the name of a signal", arg)
	}
	handled, err := handlesSignal(t.pid, sig)
	if err != nil {
		return effect{}, err
	}
	if handled && t.service.Restart != config.RestartAlways {
		return effect{}, unsupported("it handles or ignores " + arg + ", and might then end for good as its policy allows")
	}
	if !handled && slices.Contains(coreSignals, sig) {
		if err := disableCore(t.pid); err != nil {
			return effect{}, err
		}
	}
	d := effect{lethal: !handled}
	if !handled {
		d.signal = sig
	}
	return d, t.signal(t.pid, sig)
}

// coreSignals are the signals whose default action is a core dump, signal(7).
var coreSignals = []unix.Signal{unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV,
	unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS}

// disableCore keeps a process that is about to die from leaving a core file in the user's
// directory.
func disableCore(pid int) error {
	return unix.Prlimit(pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
}

// handlesSignal reports whether a process handles, ignores or blocks a signal.
func handlesSignal(pid int, sig unix.Signal) (bool, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false, unix.ESRCH
	}
	st, err := procfs.ParseStatus(text)
	if err != nil {
		return false, err
	}
	return sig != unix.SIGKILL && (st.Blocked|st.Ignored|st.Caught)&(1<<(sig-1)) != 0, nil
}

// killMember kills a process of the service other than the main one.
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

// killGroup kills every process of the service. The main one comes last, so that no
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
	return killed(), t.signal(t.pid, unix.SIGKILL)
}

// stopMain stops the main process for a time.
func stopMain(t target, arg string) (effect, error) {
	d, err := pause(arg, func() error { return unlessGone(t.signal(t.pid, unix.SIGCONT)) })
	if err != nil {
		return effect{}, err
	}
	return d, t.signal(t.pid, unix.SIGSTOP)
}

// unlessGone ignores the error that the process has ended.
func unlessGone(err error) error {
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// stopSupervisor stops the supervisor, a child of this program, for a time.
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
