package live

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/signame"
)

// target is whom a fault is done to.
type target struct {
	service config.Service
	pid     int // the main process
	*observer
	supervisor Supervisor
	choose     uint64 // a number to choose with, the same for the same hit of a plan
}

// deed is what was done.
type deed struct {
	lethal bool          // the main process ends of it
	after  time.Duration // when undo is due, from now
	undo   func() error  // nil: there is nothing to undo
}

// refusal is why a fault cannot be done to this service.
type refusal string

func (r refusal) Error() string { return string(r) }

// deeds do the faults of the catalogue, by their names.
var deeds = map[string]func(t target, arg string) (deed, error){
	"kill":        killMain,
	"signal":      signalMain,
	"kill-member": killMember,
	"kill-group":  killGroup,
	"stop":        stopMain,
}

func killMain(t target, _ string) (deed, error) {
	return deed{lethal: true}, t.signal(t.pid, unix.SIGKILL)
}

// signalMain sends a signal that ends a process which neither handles nor ignores it.
func signalMain(t target, arg string) (deed, error) {
	sig, ok := signame.Parse(arg)
	if !ok {
		return deed{}, fmt.Errorf("%q is no signal", arg)
	}
	met, err := meets(t.pid, sig)
	if err != nil {
		return deed{}, err
	}
	if met && t.service.Restart != config.RestartAlways {
		return deed{}, refusal("it handles or ignores " + arg + ", and an end of its own choice need not be followed by a restart")
	}
	return deed{lethal: !met}, t.signal(t.pid, sig)
}

// meets tells whether a process handles or ignores a signal (proc_pid_status(5),
// SigCgt and SigIgn).
func meets(pid int, sig unix.Signal) (bool, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false, unix.ESRCH
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "SigCgt" && name != "SigIgn" {
			continue
		}
		mask, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		if err != nil {
			return false, fmt.Errorf("/proc/%d/status: %s: %w", pid, name, err)
		}
		if mask&(1<<(sig-1)) != 0 {
			return true, nil
		}
	}
	return false, nil
}

// killMember kills a process of the service, any but the main one.
func killMember(t target, _ string) (deed, error) {
	var others []int
	for _, p := range t.members() {
		if p.Pid != t.pid {
			others = append(others, p.Pid)
		}
	}
	if len(others) == 0 {
		return deed{}, refusal("it has one process only")
	}
	return deed{}, t.strike(others[t.choose%uint64(len(others))])
}

// killGroup kills every process of the service, the main one last, so that no
// restart comes in between.
func killGroup(t target, _ string) (deed, error) {
	for _, p := range t.members() {
		if p.Pid == t.pid {
			continue
		}
		if err := t.strike(p.Pid); err != nil && !errors.Is(err, unix.ESRCH) {
			return deed{}, err
		}
	}
	return deed{lethal: true}, t.signal(t.pid, unix.SIGKILL)
}

// members are the processes of the service that bear its mark.
func (t target) members() (found []Process) {
	for _, p := range t.marked() {
		if p.Service == t.service.Name {
			found = append(found, p)
		}
	}
	return found
}

// strike kills a process that bears the mark of the run.
func (t target) strike(pid int) error { return strike(pid, t.mark) }

func strike(pid int, run string) error {
	fd, _, ok := hold(pid, run)
	if !ok {
		return unix.ESRCH
	}
	defer unix.Close(fd)
	return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
}

// stopMain stops the main process for a while.
func stopMain(t target, arg string) (deed, error) {
	pause, err := time.ParseDuration(arg)
	if err != nil {
		return deed{}, err
	}
	if err := t.signal(t.pid, unix.SIGSTOP); err != nil {
		return deed{}, err
	}
	return deed{after: pause, undo: func() error {
		if err := t.signal(t.pid, unix.SIGCONT); !errors.Is(err, unix.ESRCH) {
			return err
		}
		return nil // it has ended meanwhile
	}}, nil
}
