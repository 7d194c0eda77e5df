package supervisor

import (
	"fmt"
	"syscall"

	"github.com/gosv/gosv/internal/english"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// ShutdownStarted: a signal ends gosv, and every service is being stopped.
type ShutdownStarted struct {
	infoLevel
	general
	Signal   syscall.Signal
	Services int
}

func (e ShutdownStarted) String() string {
	return fmt.Sprintf("SIG%s: stopping %s", name(e.Signal), english.Count(e.Services, "service"))
}

// EssentialEnded: an essential service has ended, and every other service is being stopped.
type EssentialEnded struct {
	infoLevel
	Service string
	Outcome lifecycle.Outcome
}

func (e EssentialEnded) Of() string { return e.Service }
func (e EssentialEnded) String() string {
	return fmt.Sprintf("ended (%v): gosv ends with this essential service and stops all others", e.Outcome)
}

// ShutdownForced: a second signal ended every grace.
type ShutdownForced struct {
	infoLevel
	general
	Signal syscall.Signal
}

func (e ShutdownForced) String() string {
	return fmt.Sprintf("SIG%s again: killing what is left", name(e.Signal))
}

// StartRefused: a service is not started, because gosv is shutting down.
type StartRefused struct {
	infoLevel
	Service string
}

func (e StartRefused) Of() string     { return e.Service }
func (e StartRefused) String() string { return "not started: gosv is shutting down" }

// SignalIgnored: a signal to gosv changed nothing.
type SignalIgnored struct {
	level Level
	general
	Signal syscall.Signal
	Reason string
}

// Level is Warning if the sender expected something to happen.
func (e SignalIgnored) Level() Level { return e.level }
func (e SignalIgnored) String() string {
	return fmt.Sprintf("SIG%s: %s", name(e.Signal), e.Reason)
}

// ServiceRemoved: a service that is not configured any more has stopped.
type ServiceRemoved struct {
	infoLevel
	Service string
}

func (e ServiceRemoved) Of() string     { return e.Service }
func (e ServiceRemoved) String() string { return "removed: it is not configured any more" }

// SubreaperFailed: orphans of services go to another process.
type SubreaperFailed struct {
	warningLevel
	general
	Err error
}

func (e SubreaperFailed) String() string { return fmt.Sprintf("cannot become a subreaper: %v", e.Err) }

// ProcUnreadable: /proc does not show gosv's processes.
type ProcUnreadable struct {
	warningLevel
	general
	Err error
}

func (e ProcUnreadable) String() string {
	return fmt.Sprintf("%v: what leaves the process group of its service is not found, and outlives it; mount /proc here: mount -t proc proc /proc", e.Err)
}

// StopSelfFailed: gosv could not stop as the job of a shell.
type StopSelfFailed struct {
	warningLevel
	general
	Err error
}

func (e StopSelfFailed) String() string { return fmt.Sprintf("cannot stop with its child: %v", e.Err) }

// TerminalOutOfReach: the command needs the terminal, which gosv does not have, and no
// shell could give it to gosv.
type TerminalOutOfReach struct {
	warningLevel
	Service string
	PID     int
	Signal  syscall.Signal
}

func (e TerminalOutOfReach) Of() string { return e.Service }
func (e TerminalOutOfReach) String() string {
	return fmt.Sprintf("cannot give the terminal to PID %d, which stays stopped (SIG%s): gosv is in the background, and no shell can bring it to the foreground", e.PID, name(e.Signal))
}

// TerminalModesFailed: the modes that the terminal had before the command could not be
// restored.
type TerminalModesFailed struct {
	warningLevel
	general
	Err error
}

func (e TerminalModesFailed) String() string {
	return fmt.Sprintf("cannot restore the modes of the terminal: %v; try `stty sane`", e.Err)
}

// TerminalGiveFailed: the terminal could not be given to the child.
type TerminalGiveFailed struct {
	warningLevel
	Service string
	Group   int
	Err     error
}

func (e TerminalGiveFailed) Of() string { return e.Service }
func (e TerminalGiveFailed) String() string {
	return fmt.Sprintf("cannot give the terminal to process group %d: %v", e.Group, e.Err)
}

// TerminalReclaimFailed: the terminal could not be taken back from the child.
type TerminalReclaimFailed struct {
	warningLevel
	general
	Err error
}

func (e TerminalReclaimFailed) String() string {
	return fmt.Sprintf("cannot take the terminal back: %v", e.Err)
}
