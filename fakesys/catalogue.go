package fakesys

import (
	"fmt"
	"path"
	"strings"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// Fault is an entry of the [Catalogue]: one thing that Linux does to a program that manages
// processes.
type Fault uint8

// CatalogueEntry describes one fault.
type CatalogueEntry struct {
	Name        string // stable: reports and documents use it
	Description string // what Linux does, and what a supervisor must guarantee
	How         string // how the fake injects it
	Coverage    Coverage
	// Calls are the calls that fail by chance, where no state of the fake makes them fail.
	// The scenario sets their rates.
	Calls []CallFault
	// Real names tests on a real kernel: PACKAGE.TEST, or "systest: CASE" of the
	// conformance suite.
	Real []string
}

// Coverage says how a fault is tested.
type Coverage string

const (
	Swarm          Coverage = "swarm"     // random runs meet it
	Sweep          Coverage = "sweep"     // the sweep over crashes meets it
	BelowSeam      Coverage = "below sys" // an implementation of sys handles it; a caller cannot see it
	NotImplemented Coverage = "later"     // the feature that it concerns does not exist yet
	VM             Coverage = "machine"   // it needs a real kernel in a virtual machine
)

// Calls returns every call that the catalogue makes fail, each with this rate.
func Calls(rate int) (calls []CallFault) {
	for _, row := range Catalogue {
		for _, c := range row.Calls {
			c.Rate = rate
			calls = append(calls, c)
		}
	}
	return calls
}

// Fired counts faults.
type Fired [FaultCount]int

// Add adds the counts of another run.
func (f *Fired) Add(more Fired) {
	for i, n := range more {
		f[i] += n
	}
}

// Missing returns the names of the faults that a swarm must meet and has not.
func (f *Fired) Missing() (names []string) {
	for i, row := range Catalogue {
		if row.Coverage == Swarm && f[i] == 0 {
			names = append(names, row.Name)
		}
	}
	return names
}

// String returns a table of counts and names.
func (f *Fired) String() string {
	var b strings.Builder
	for i, row := range Catalogue {
		if row.Coverage == Swarm || f[i] > 0 {
			fmt.Fprintf(&b, "%12d %s\n", f[i], row.Name)
		} else {
			fmt.Fprintf(&b, "%12s %s\n", "("+row.Coverage+")", row.Name)
		}
	}
	return b.String()
}

// Fired returns how often each fault of the catalogue has happened, whatever the cause.
func (w *World) Fired() Fired { return w.fired }

// Fire counts a fault that only a test can see.
func (w *World) Fire(f Fault) { w.fired[f]++ }

// refused counts a call that failed.
func (k *Kernel) refused(op Op, name string, errno syscall.Errno) {
	if f, ok := faultOf(op, name, errno); ok {
		k.Fire(f)
	}
}

// faultOf returns the fault that an error of a call belongs to.
func faultOf(op Op, name string, errno syscall.Errno) (Fault, bool) {
	gone := errno == syscall.ENOENT || errno == syscall.ENODEV
	name, _, _ = strings.Cut(name, " ") // the written text follows the path
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
		return procFault(errno)
	case op == OpReadFile || op == OpWriteFile || op == OpReadDir:
		return GroupVanished, gone
	}
	return 0, false
}

func procFault(errno syscall.Errno) (Fault, bool) {
	switch errno {
	case syscall.EACCES, syscall.EPERM:
		return ProcDenied, true
	case syscall.ENOENT, syscall.ESRCH:
		return ProcVanished, true
	}
	return 0, false
}

// spawnFault returns the fault that a failed spawn belongs to.
func spawnFault(step sys.Step, errno syscall.Errno) Fault {
	switch {
	case errno == syscall.EMFILE || errno == syscall.ENFILE:
		return NoDescriptors
	case step == sys.StepFork && errno == syscall.ENOMEM:
		return ForkNoMemory
	case step == sys.StepFork:
		return ForkRefused
	case step == sys.StepCgroup:
		return CgroupSpawnRefused
	case step != sys.StepLookup && step != sys.StepExec:
		return StepRefused
	case errno == syscall.ETXTBSY:
		return ExecBusy
	case errno == syscall.EIO || errno == syscall.EPERM || errno == syscall.ENOMEM:
		return ExecBroken
	}
	return ExecRefused
}
