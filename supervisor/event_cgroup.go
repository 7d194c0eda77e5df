package supervisor

import (
	"fmt"
	"time"

	"github.com/gosv/gosv/cgroupfs"
	"github.com/gosv/gosv/internal/english"
)

// CgroupFinding: something about cgroups is missing on this machine.
type CgroupFinding struct {
	general
	Finding cgroupfs.Finding
	level   Level
}

// Level is Warning if services run without cgroups and nothing else has reported it,
// Info if that is so in a container, and Debug for a controller that no limit needs.
func (e CgroupFinding) Level() Level   { return e.level }
func (e CgroupFinding) String() string { return e.Finding.String() }

// LimitsUnmet: limits of the configuration are not in force on this machine.
type LimitsUnmet struct {
	warningLevel
	general
	Text string
}

func (e LimitsUnmet) String() string { return e.Text }

// LimitFailed: a limit of one service could not be set.
type LimitFailed struct {
	warningLevel
	Service string
	Text    string
}

func (e LimitFailed) Of() string     { return e.Service }
func (e LimitFailed) String() string { return e.Text }

// MovesIntoCgroup: the kernel cannot spawn into a cgroup, so children move there
// before their program runs.
type MovesIntoCgroup struct {
	infoLevel
	general
	Reason string
}

func (e MovesIntoCgroup) String() string {
	return fmt.Sprintf("this kernel cannot spawn into a cgroup (%s): services move there before their program runs", e.Reason)
}

// CgroupKillFailed: a cgroup could neither be killed nor frozen; its members are
// killed one by one.
type CgroupKillFailed struct {
	warningLevel
	Service        string
	Err, FreezeErr error
}

func (e CgroupKillFailed) Of() string { return e.Service }
func (e CgroupKillFailed) String() string {
	return fmt.Sprintf("cannot kill or freeze its cgroup: %v; %v", e.Err, e.FreezeErr)
}

// ThawFailed: a frozen cgroup could not be thawed, so its members cannot act on
// their signals.
type ThawFailed struct {
	warningLevel
	Service string
	Err     error
}

func (e ThawFailed) Of() string     { return e.Service }
func (e ThawFailed) String() string { return fmt.Sprintf("cannot thaw its cgroup: %v", e.Err) }

// RemovalFailed: a cgroup stayed busy for too long and is left behind.
type RemovalFailed struct {
	warningLevel
	general
	Path  string
	Tried time.Duration
	Err   error
}

func (e RemovalFailed) String() string {
	return fmt.Sprintf("cannot remove the cgroup %s: gave up after %v: %v", e.Path, e.Tried, e.Err)
}

// InstanceKept: gosv's own cgroup could not be given back at its end.
type InstanceKept struct {
	warningLevel
	general
	Path string
	Err  error
}

func (e InstanceKept) String() string { return e.Err.Error() }

// EscapedCgroup: a main process was moved out of its cgroup, so a process scan
// finds what is left of the service.
type EscapedCgroup struct {
	warningLevel
	Service string
	PID     int
	Cgroup  string
}

func (e EscapedCgroup) Of() string { return e.Service }
func (e EscapedCgroup) String() string {
	return fmt.Sprintf("PID %d was moved out of its cgroup %s: leftovers of the service are looked for among all processes", e.PID, e.Cgroup)
}

// StaleScanFailed: it is not known whether a dead gosv left an instance.
type StaleScanFailed struct {
	warningLevel
	general
	Err error
}

func (e StaleScanFailed) String() string {
	return fmt.Sprintf("%v: what a dead gosv left, if anything, runs beside what is started now", e.Err)
}

// ReclaimStarted: the cgroup of a dead gosv is being emptied.
type ReclaimStarted struct {
	infoLevel
	general
	Path  string
	Bound time.Duration
}

func (e ReclaimStarted) String() string {
	return fmt.Sprintf("emptying the cgroup %s, which a dead gosv left, for at most %v", e.Path, e.Bound)
}

// InstanceReclaimed: the cgroup of a dead gosv is removed.
type InstanceReclaimed struct {
	infoLevel
	general
	Path string
}

func (e InstanceReclaimed) String() string {
	return fmt.Sprintf("removed the cgroup %s, which a dead gosv left", e.Path)
}

// StaleKilled: processes that a dead gosv left were sent SIGKILL.
type StaleKilled struct {
	warningLevel
	general
	Path      string
	PIDs      []int
	AllExited bool // all of them are
}

func (e StaleKilled) String() string {
	did := "killed"
	if !e.AllExited {
		did = "sent SIGKILL to"
	}
	return fmt.Sprintf("%s %s that a dead gosv left in %s: PID %s", did, english.Count(len(e.PIDs), "process"), e.Path, pidList(e.PIDs))
}

// ReclaimFailed: the cgroup of a dead gosv is left behind.
type ReclaimFailed struct {
	warningLevel
	general
	Path  string
	Tried time.Duration
	Err   error
}

func (e ReclaimFailed) String() string {
	return fmt.Sprintf("cannot empty and remove the cgroup %s of a dead gosv: gave up after %v: %v", e.Path, e.Tried, e.Err)
}

// StaleStopping: processes that a dead gosv left got the stop signal of their service.
type StaleStopping struct {
	warningLevel
	general
	Path  string
	PIDs  []int
	Grace time.Duration // before they are killed
}

func (e StaleStopping) String() string {
	return fmt.Sprintf("stopping %s that a dead gosv left in %s, for at most %v: PID %s", english.Count(len(e.PIDs), "process"), e.Path, e.Grace, pidList(e.PIDs))
}

// ReclaimProgress: the cgroup of a dead gosv is still being emptied.
type ReclaimProgress struct {
	infoLevel
	general
	Path string
	Left int // processes
}

func (e ReclaimProgress) String() string {
	return fmt.Sprintf("still emptying the cgroup %s of a dead gosv: %s left", e.Path, english.Count(e.Left, "process"))
}
