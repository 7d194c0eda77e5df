package fakesys

import (
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// Faults say what goes wrong and how often. A rate of n means one time in n, by
// choice; 0 is never. The zero value is a machine where everything works.
type Faults struct {
	// Calls fails calls through the seam.
	Calls []CallFault

	Spawn       int // a start fails for the machine's sake: EAGAIN, ENOMEM, EMFILE, ENFILE, ETXTBSY ...
	SlowSpawn   int // a step of a start takes SlowSpawnBy longer
	SlowSpawnBy time.Duration

	LostExit   int // no wake and no entry in Exited: only Peek finds the child
	LateExit   int // both come late, by up to LateExitBy
	LateExitBy time.Duration

	LostWatch int // a change is not told; the next one is

	Starve   int // gosv gets the processor late, by up to StarveBy
	StarveBy time.Duration

	// Hook is asked at every call that can fail, before Calls.
	Hook func(op Op, target string) syscall.Errno
}

// CallFault fails calls of one kind.
type CallFault struct {
	Op     Op
	Target string // the path's last element; "" is any
	Errnos []syscall.Errno
	Rate   int
}

// SetFaults changes what goes wrong from now on. The zero value heals.
func (w *World) SetFaults(f Faults) { w.faults = &f }

// spawnFaults are the ways in which the machine refuses a start. The last needs a
// cgroup.
var spawnFaults = []struct {
	errno syscall.Errno
	step  sys.Step
}{
	{syscall.EAGAIN, sys.StepFork}, {syscall.ENOMEM, sys.StepFork}, {syscall.EMFILE, sys.StepPrepare},
	{syscall.ENFILE, sys.StepPrepare}, {syscall.ETXTBSY, sys.StepExec}, {syscall.EBUSY, sys.StepCgroup},
}

// Catalogue lists the calls that Linux may refuse for reasons that the fake has
// no cause of its own for, with the errnos that are legal, each one time in rate.
func Catalogue(rate int) []CallFault {
	calls := []CallFault{
		{Op: OpMkdir, Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.ENOSPC}},
		{Op: OpRmdir, Errnos: []syscall.Errno{syscall.EBUSY}},
		{Op: OpReadDir, Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}},
		{Op: OpOpenPid, Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}},
		{Op: OpWatch, Errnos: []syscall.Errno{syscall.ENOSPC, syscall.ENOMEM}},
		{Op: OpWriteFile, Target: "cgroup.procs", Errnos: []syscall.Errno{syscall.EAGAIN, syscall.ENOMEM, syscall.ENODEV}},
		{Op: OpWriteFile, Target: "cgroup.kill", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENODEV}},
		{Op: OpWriteFile, Target: "cgroup.freeze", Errnos: []syscall.Errno{syscall.EMFILE, syscall.ENODEV}},
		{Op: OpWriteFile, Target: "cgroup.subtree_control", Errnos: []syscall.Errno{syscall.EBUSY, syscall.ENOMEM}},
		{Op: OpWriteFile, Target: "memory.max", Errnos: []syscall.Errno{syscall.EMFILE, syscall.EBUSY}},
		{Op: OpWriteFile, Target: "cpu.max", Errnos: []syscall.Errno{syscall.EMFILE, syscall.EINVAL}},
		{Op: OpWriteFile, Target: "pids.max", Errnos: []syscall.Errno{syscall.EMFILE}},
	}
	for _, file := range []string{"cgroup.events", "cgroup.procs", "memory.events"} {
		calls = append(calls, CallFault{Op: OpReadFile, Target: file, Errnos: []syscall.Errno{syscall.ENODEV, syscall.EMFILE, syscall.ENFILE}})
	}
	for _, file := range []string{"stat", "status", "environ", "cgroup", "maps", "smaps_rollup"} {
		calls = append(calls, CallFault{Op: OpReadFile, Target: file, Errnos: []syscall.Errno{syscall.ESRCH, syscall.EACCES, syscall.EMFILE}})
	}
	for i := range calls {
		calls[i].Rate = rate
	}
	return calls
}

// happens draws one fault in rate.
func (w *World) happens(label string, rate int) bool {
	if rate <= 0 || rate > 1 && w.choose(label, rate) != 1 {
		return false
	}
	w.note(0, EvFault, 0, 0, label, 0)
	return true
}

// fault draws the errno of a call, 0 if it is to work.
func (k *Kernel) fault(op Op, target string) syscall.Errno {
	f := k.faults
	if f.Hook != nil {
		if errno := f.Hook(op, target); errno != 0 {
			return errno
		}
	}
	for i := range f.Calls {
		c := &f.Calls[i]
		if c.Op == op && (c.Target == "" || c.Target == target) && k.happens("call fails", c.Rate) {
			return c.Errnos[k.choose("errno", len(c.Errnos))]
		}
	}
	return 0
}

func (f *Faults) spawn(w *World, path string, inCgroup bool) (syscall.Errno, sys.Step) {
	if f.Hook != nil {
		if errno := f.Hook(OpSpawn, path); errno != 0 {
			return errno, spawnStep(errno)
		}
	}
	for i := range f.Calls {
		if c := &f.Calls[i]; c.Op == OpSpawn && (c.Target == "" || c.Target == path) && w.happens("spawn fails", c.Rate) {
			errno := c.Errnos[w.choose("errno", len(c.Errnos))]
			return errno, spawnStep(errno)
		}
	}
	if !w.happens("spawn fails", f.Spawn) {
		return 0, ""
	}
	few := spawnFaults
	if !inCgroup {
		few = few[:len(few)-1]
	}
	one := few[w.choose("spawn errno", len(few))]
	return one.errno, one.step
}

// spawnStep is the step that an errno most likely comes from.
func spawnStep(errno syscall.Errno) sys.Step {
	for _, one := range spawnFaults {
		if one.errno == errno {
			return one.step
		}
	}
	return sys.StepExec
}

func (f *Faults) slow(w *World) time.Duration {
	if w.happens("slow spawn", f.SlowSpawn) {
		return f.SlowSpawnBy
	}
	return 0
}

func (f *Faults) childNotice(w *World) (lost bool, late time.Duration) {
	if w.happens("exit notice lost", f.LostExit) {
		return true, 0
	}
	if w.happens("exit notice late", f.LateExit) {
		return false, w.part(f.LateExitBy)
	}
	return false, 0
}

func (f *Faults) starved(w *World) time.Duration {
	if w.happens("starved", f.Starve) {
		return w.part(f.StarveBy)
	}
	return 0
}

// part draws a tenth, two tenths ... or all of a duration.
func (w *World) part(d time.Duration) time.Duration {
	return d * time.Duration(1+w.choose("how long", 10)) / 10
}
