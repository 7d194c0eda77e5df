package fakesys

import (
	"fmt"
	"path"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// Fault is a row of the [Catalogue]: one thing that Linux really does to a program
// that manages processes.
type Fault uint8

// Row tells of one fault.
type Row struct {
	Name  string // stable; reports and documents use it
	Story string // what Linux does, and what must hold through it
	How   string // how the fake comes to do it
	Where Where
	// Calls fail by it, where the fake has no cause of its own for that. Their
	// rates are the scenario's.
	Calls []CallFault
	// Real names tests on the real kernel: a package's test, or a case of the
	// conformance suite.
	Real []string
}

// Where says who can see a fault.
type Where string

const (
	Swarm Where = "swarm"     // random runs meet it
	Sweep Where = "sweep"     // the sweep over crashes meets it
	Below Where = "below sys" // an implementation of sys deals with it; a caller sees nothing
	Later Where = "later"     // what it concerns does not exist yet
	VM    Where = "machine"   // it needs a kernel of its own
)

// Calls gives every call that the rows of the catalogue fail, each one time in
// rate.
func Calls(rate int) (calls []CallFault) {
	for _, row := range Catalogue {
		for _, c := range row.Calls {
			c.Rate = rate
			calls = append(calls, c)
		}
	}
	return calls
}

// Fired counts faults, by row.
type Fired [FaultCount]int

// Add counts what another run saw.
func (f *Fired) Add(more Fired) {
	for i, n := range more {
		f[i] += n
	}
}

// Missing names the rows that a swarm must meet and these counts have not.
func (f *Fired) Missing() (names []string) {
	for i, row := range Catalogue {
		if row.Where == Swarm && f[i] == 0 {
			names = append(names, row.Name)
		}
	}
	return names
}

// String is a table: how often, and what.
func (f *Fired) String() string {
	var b strings.Builder
	for i, row := range Catalogue {
		if row.Where == Swarm || f[i] > 0 {
			fmt.Fprintf(&b, "%12d %s\n", f[i], row.Name)
		} else {
			fmt.Fprintf(&b, "%12s %s\n", "("+row.Where+")", row.Name)
		}
	}
	return b.String()
}

// Fired tells how often each fault of the catalogue happened so far, by
// whatever cause.
func (w *World) Fired() Fired { return w.fired }

// Fire counts a fault that only a harness can see.
func (w *World) Fire(f Fault) { w.fired[f]++ }

// refused counts a call that was answered with an error.
func (k *Kernel) refused(op Op, name string, errno syscall.Errno) {
	if f, ok := rowOf(op, name, errno); ok {
		k.Fire(f)
	}
}

// rowOf is the row that an error of a call belongs to.
func rowOf(op Op, name string, errno syscall.Errno) (Fault, bool) {
	gone := errno == syscall.ENOENT || errno == syscall.ENODEV
	name, _, _ = strings.Cut(name, " ") // what is written comes after
	file := path.Base(name)
	switch {
	case errno == syscall.EMFILE || errno == syscall.ENFILE:
		return NoDescriptors, true
	case op == OpPeek || op == OpReap:
		return ExitStolen, errno == syscall.ECHILD
	case op == OpSignalGroup && errno == syscall.ESRCH:
		return GroupGone, true
	case op == OpSignal && errno == syscall.ESRCH:
		return KillGone, true
	case op == OpSignal || op == OpSignalGroup:
		return KillRefused, errno == syscall.EPERM
	case op == OpMkdir:
		return DirRefused, true
	case op == OpRmdir:
		return DirBusy, errno == syscall.EBUSY
	case op == OpWriteFile && file == "cgroup.kill" && errno == syscall.ENOENT:
		return NoKillFile, true
	case op == OpWriteFile && file == "cgroup.subtree_control":
		return ControllersRefused, true
	case op == OpWriteFile && file == "cgroup.procs":
		return MoveRefused, true
	case op == OpReadFile && file == "cgroup.procs" && errno == syscall.EOPNOTSUPP:
		return GroupThreaded, true
	case strings.HasPrefix(name, "/proc"):
		return procRow(errno)
	case op == OpReadFile || op == OpWriteFile || op == OpReadDir:
		return GroupVanished, gone
	}
	return 0, false
}

func procRow(errno syscall.Errno) (Fault, bool) {
	switch errno {
	case syscall.EACCES, syscall.EPERM:
		return ProcDenied, true
	case syscall.ENOENT, syscall.ESRCH:
		return ProcVanished, true
	}
	return 0, false
}

// startRow is the row that a failed start belongs to.
func startRow(step sys.Step, errno syscall.Errno) Fault {
	switch {
	case errno == syscall.EMFILE || errno == syscall.ENFILE:
		return NoDescriptors
	case step == sys.StepFork && errno == syscall.ENOMEM:
		return ForkNoMemory
	case step == sys.StepFork:
		return ForkRefused
	case step == sys.StepCgroup:
		return CgroupSpawnRefused
	case step == sys.StepChdir || step == sys.StepPrepare:
		return StepRefused
	case errno == syscall.ETXTBSY:
		return ExecBusy
	case errno == syscall.EIO || errno == syscall.EPERM || errno == syscall.ENOMEM:
		return ExecBroken
	}
	return ExecRefused
}
