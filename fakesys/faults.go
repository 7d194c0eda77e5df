package fakesys

import (
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// Faults say what goes wrong and how often. A rate of n means one time in n, by
// choice; 0 is never. The zero value is a machine where everything works.
type Faults struct {
	// Calls fails calls through the seam.
	Calls []CallFault

	Spawn       int // a start fails for the machine's sake, or at its exec: EAGAIN, ENOMEM, EMFILE, ETXTBSY ...
	SlowSpawn   int // a step of a start takes SlowSpawnBy longer
	SlowSpawnBy time.Duration

	LostExit   int // no wake and no entry in Exited: only Peek finds the child
	LateExit   int // both come late, by up to LateExitBy
	LateExitBy time.Duration
	StolenExit int // somebody else reaps a child: it is in Exited, and Peek says ECHILD

	LostWatch int // a change is not told; the next one is

	Starve    int // gosv gets the processor late, by up to StarveBy
	StarveBy  time.Duration
	Interrupt int // a Wait returns without a reason, within a second

	SlowCall   int // a call of the loop takes from 1 us to 4 s, or one of SlowCallBy, before it does anything
	SlowCallBy []time.Duration

	LostJob   int // a job never runs, as if it hung
	LateJob   int // it runs late, by up to LateJobBy
	LateJobBy time.Duration

	TornProc    int // a read of /proc/PID/stat is cut short
	InexactProc int // a list of /proc repeats an entry and misses the zombies

	// Hook is asked at every call that can fail, before Calls.
	Hook func(op Op, target string) syscall.Errno `json:"-"`
	// SlowHook is asked at every call of the loop how long it takes, before SlowCall.
	SlowHook func() time.Duration `json:"-"`
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

// spawnFaults are the ways in which the machine refuses a start. Those of a
// cgroup are for a start in one.
var spawnFaults = []struct {
	errno syscall.Errno
	step  sys.Step
}{
	{syscall.EAGAIN, sys.StepFork}, {syscall.ENOMEM, sys.StepFork}, {syscall.EMFILE, sys.StepPrepare},
	{syscall.ENFILE, sys.StepPrepare}, {syscall.ETXTBSY, sys.StepExec}, {syscall.EIO, sys.StepExec},
	{syscall.ENOMEM, sys.StepExec}, {syscall.EPERM, sys.StepExec}, {syscall.EACCES, sys.StepChdir},
	{syscall.EBUSY, sys.StepCgroup}, {syscall.EOPNOTSUPP, sys.StepCgroup}, {syscall.ENOENT, sys.StepCgroup},
	{syscall.EACCES, sys.StepCgroup}, {syscall.ENOSYS, sys.StepCgroup},
}

// withoutCgroup is how many of them are not about a cgroup.
const withoutCgroup = 9

// happens draws a fault, one time in rate.
func (w *World) happens(f Fault, rate int) bool {
	if !w.drawn(f, rate) {
		return false
	}
	w.note(0, EvFault, 0, 0, Catalogue[f].Name, 0)
	return true
}

// drawn is happens without a line in the trace.
func (w *World) drawn(f Fault, rate int) bool {
	if rate <= 0 || rate > 1 && w.choose(Catalogue[f].Name, rate) != 1 {
		return false
	}
	w.Fire(f)
	return true
}

// callFails draws whether a call is refused.
func (w *World) callFails(rate int) bool {
	return rate > 0 && (rate == 1 || w.choose("call fails", rate) == 1)
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
		if c.Op == op && (c.Target == "" || c.Target == target) && k.callFails(c.Rate) {
			k.note(0, EvFault, 0, 0, "call fails", 0)
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
		if c := &f.Calls[i]; c.Op == OpSpawn && (c.Target == "" || c.Target == path) && w.callFails(c.Rate) {
			w.note(0, EvFault, 0, 0, "spawn fails", 0)
			errno := c.Errnos[w.choose("errno", len(c.Errnos))]
			return errno, spawnStep(errno)
		}
	}
	if !w.callFails(f.Spawn) {
		return 0, ""
	}
	w.note(0, EvFault, 0, 0, "spawn fails", 0)
	few := spawnFaults
	if !inCgroup {
		few = few[:withoutCgroup]
	}
	one := few[w.choose("spawn errno", len(few))]
	return one.errno, one.step
}

// spawnStep is the step that an errno most likely comes from.
func spawnStep(errno syscall.Errno) sys.Step {
	switch errno {
	case syscall.EAGAIN, syscall.ENOMEM:
		return sys.StepFork
	case syscall.EMFILE, syscall.ENFILE:
		return sys.StepPrepare
	case syscall.EBUSY, syscall.EOPNOTSUPP:
		return sys.StepCgroup
	}
	return sys.StepExec
}

func (f *Faults) slow(w *World) time.Duration {
	if w.happens(ExecHangs, f.SlowSpawn) {
		return f.SlowSpawnBy
	}
	return 0
}

func (f *Faults) childNotice(w *World) (lost bool, late time.Duration) {
	if w.happens(NoticeLost, f.LostExit) {
		return true, 0
	}
	if w.happens(NoticeLost, f.LateExit) {
		return false, w.part(f.LateExitBy)
	}
	return false, 0
}

func (f *Faults) starved(w *World, why sys.Reason) time.Duration {
	row := Starved
	if why&sys.WokeDeadline != 0 {
		row = TimersLate
	}
	if w.happens(row, f.Starve) {
		return w.part(f.StarveBy)
	}
	return 0
}

func (f *Faults) job(w *World) (lost bool, late time.Duration) {
	if w.happens(ReadBlocks, f.LostJob) {
		return true, 0
	}
	if w.happens(ReadBlocks, f.LateJob) {
		return false, w.part(f.LateJobBy)
	}
	return false, 0
}

// torn is a text of /proc as a reader gets it.
func (f *Faults) torn(w *World, file, text string) string {
	if file == "stat" && w.happens(ProcTorn, f.TornProc) {
		return text[:len(text)*w.choose("how much of it", 8)/8]
	}
	return text
}

// inexact is a list of /proc as a reader gets it: a repeated entry, and none of
// the zombies, which may have been reaped meanwhile. What lived all the while is
// never missed: the kernel goes by number.
func (f *Faults) inexact(w *World, names []string) []string {
	if !w.happens(ListInexact, f.InexactProc) {
		return names
	}
	names = append(names, names[w.choose("repeated", len(names))])
	return slices.DeleteFunc(names, func(name string) bool {
		pid, _ := strconv.Atoi(name)
		p := w.find(pid)
		return p != nil && !p.system && p.dead
	})
}

// part draws a tenth, two tenths ... or all of a duration.
func (w *World) part(d time.Duration) time.Duration {
	return d * time.Duration(1+w.choose("how long", 10)) / 10
}
