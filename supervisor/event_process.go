package supervisor

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// OrphanReaped: an adopted process that belonged to no instance exited, and its
// zombie was reaped.
type OrphanReaped struct {
	debugLevel
	general
	PID    int
	Status sys.Status
}

func (e OrphanReaped) String() string {
	return fmt.Sprintf("reaped orphan PID %d (%s)", e.PID, outcome(e.Status))
}

// OrphanKilled: at its own end gosv kills an adopted process that belongs to no
// service. It is reported once per process.
type OrphanKilled struct {
	infoLevel
	general
	PID  int
	Comm string
}

func (e OrphanKilled) String() string {
	return fmt.Sprintf("killing orphan PID %d (%s): it belongs to no service", e.PID, e.Comm)
}

// OrphanScanFailed: adopted processes could not be looked for. It is reported
// once until a scan succeeds.
type OrphanScanFailed struct {
	warningLevel
	general
	Err error
}

func (e OrphanScanFailed) String() string { return fmt.Sprintf("cannot look for orphans: %v", e.Err) }

// OrphanReapFailed: the zombie of an orphan could not be reaped.
type OrphanReapFailed struct {
	warningLevel
	general
	PID int
	Err error
}

func (e OrphanReapFailed) String() string {
	return fmt.Sprintf("cannot reap orphan PID %d: %v", e.PID, e.Err)
}

// AbandonedChildReapFailed: the child of an abandoned spawn could not be reaped.
type AbandonedChildReapFailed struct {
	warningLevel
	general
	Err error
}

func (e AbandonedChildReapFailed) String() string {
	return fmt.Sprintf("cannot reap the child of an abandoned spawn: %v", e.Err)
}

// ExitStatusLost: another process reaped the main process of a service, so its
// exit status is unknown.
type ExitStatusLost struct {
	warningLevel
	Service string
	PID     int
	Err     error
}

func (e ExitStatusLost) Of() string { return e.Service }
func (e ExitStatusLost) String() string {
	return fmt.Sprintf("lost the exit status of PID %d: another process reaped it (%v)", e.PID, e.Err)
}

// ReapFailed: a main process whose exit was seen could not be reaped.
type ReapFailed struct {
	warningLevel
	Service string
	PID     int
	Err     error
}

func (e ReapFailed) Of() string     { return e.Service }
func (e ReapFailed) String() string { return fmt.Sprintf("cannot reap PID %d: %v", e.PID, e.Err) }

// SignalFailed: a signal to a process of a service, or to a process group, was
// refused.
type SignalFailed struct {
	warningLevel
	Service string
	PID     int
	Group   bool // PID is that of a process group
	Signal  syscall.Signal
	Err     error
}

func (e SignalFailed) Of() string { return e.Service }
func (e SignalFailed) String() string {
	to := "PID"
	if e.Group {
		to = "process group"
	}
	return fmt.Sprintf("cannot send SIG%s to %s %d: %v", name(e.Signal), to, e.PID, e.Err)
}

// StopTimedOut: processes of a service did not end within its stop timeout, and are
// killed.
type StopTimedOut struct {
	warningLevel
	Service string
	Signal  syscall.Signal
	Timeout time.Duration
	Left    Leftover
}

func (e StopTimedOut) Of() string { return e.Service }
func (e StopTimedOut) String() string {
	return fmt.Sprintf("did not stop within %v of SIG%s, sending SIGKILL: %s", e.Timeout, name(e.Signal), e.Left.what())
}

// LeftoversKilled: what is left of an instance is killed. It is reported once
// per instance.
type LeftoversKilled struct {
	infoLevel
	Service string
}

func (e LeftoversKilled) Of() string     { return e.Service }
func (e LeftoversKilled) String() string { return "killing what is left of it (SIGKILL)" }

// WentToBackground: a main process exited with 0 soon after its start and left other
// processes running, as a program does that puts itself into the background.
type WentToBackground struct {
	warningLevel
	Service string
	PID     int
	Ran     time.Duration
}

func (e WentToBackground) Of() string { return e.Service }
func (e WentToBackground) String() string {
	return fmt.Sprintf("PID %d exited with 0 after %v and left processes running: it has put itself into the background, where gosv cannot supervise it, so they are killed; run the program in the foreground (nginx -g 'daemon off;', redis-server --daemonize no, sshd -D)",
		e.PID, e.Ran.Round(time.Millisecond))
}

// Unkillable: something of an instance is still there long after SIGKILL.
type Unkillable struct {
	errorLevel
	Service string
	Waited  time.Duration // since SIGKILL
	Left    Leftover
}

func (e Unkillable) Of() string { return e.Service }
func (e Unkillable) String() string {
	return fmt.Sprintf("cannot be killed: still there %v after SIGKILL: %s", e.Waited, e.Left.what())
}

// ScanHung: a process scan is stuck at one process, which later scans pass over.
type ScanHung struct {
	warningLevel
	general
	PID int // 0: it never came to its first process
}

func (e ScanHung) String() string {
	if e.PID == 0 {
		return "the scan for leftover processes hangs before its first process"
	}
	return fmt.Sprintf("the scan for leftover processes hangs at PID %d: later scans pass it over until this one goes on", e.PID)
}

// ScanFailed: processes could not be scanned for leftovers. It is reported once
// until a scan succeeds.
type ScanFailed struct {
	warningLevel
	general
	Err error
}

func (e ScanFailed) String() string {
	return fmt.Sprintf("cannot scan for leftover processes: %v", e.Err)
}

// Leftover is what could not be killed of a service, or an orphan of none.
type Leftover struct {
	Service  string // "": orphans
	PIDs     []int  // empty if they cannot be listed
	Group    int    // members of this process group, if PIDs is empty
	Spawning bool   // the child of a spawn that has not finished
	Comm     string `json:",omitempty"` // program of the main process, if PIDs holds only that
}

func (l Leftover) String() string {
	if l.Service == "" {
		return l.what()
	}
	return fmt.Sprintf("%s: %s", l.Service, l.what())
}

func (l Leftover) what() string {
	pids := pidList(l.PIDs)
	switch {
	case l.Service == "" && len(l.PIDs) == 0:
		return "orphans that cannot be found"
	case l.Service == "":
		return "orphan PID " + pids
	case l.Spawning:
		return "its spawn has not finished"
	case len(l.PIDs) > 0 && l.Comm != "":
		return fmt.Sprintf("PID %s (%s)", pids, l.Comm)
	case len(l.PIDs) > 0:
		return "PID " + pids
	case l.Group != 0:
		return fmt.Sprintf("members of process group %d", l.Group)
	}
	return "nothing that can be seen"
}

// LookFailed: a main process could not be looked at; nothing is known of it, and it is
// looked at again.
type LookFailed struct {
	warningLevel
	Service string
	PID     int
	Err     error
}

func (e LookFailed) Of() string { return e.Service }
func (e LookFailed) String() string {
	return fmt.Sprintf("cannot see whether PID %d has exited, trying again: %v", e.PID, e.Err)
}

// InternalError: a bug of gosv. The service is killed and is not started again by itself;
// the others go on.
type InternalError struct {
	errorLevel
	Service string // "": of the loop itself, which ends gosv
	Panic   string
	Stack   string
}

func (e InternalError) Of() string { return e.Service }
func (e InternalError) String() string {
	return fmt.Sprintf("internal error: %s\n%s", e.Panic, e.Stack)
}

// pidList is a list of PIDs for people.
func pidList(pids []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(pids), " ", ", "), "[]")
}
