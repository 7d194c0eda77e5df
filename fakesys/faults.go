package fakesys

import (
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// Faults configures which faults are injected and how often. A rate of n means once in n
// times, by choice; 0 is never. The zero value injects nothing.
type Faults struct {
	// Calls makes calls through package sys fail.
	Calls []CallFault

	Spawn       int // a spawn fails: EAGAIN, ENOMEM, EMFILE, ETXTBSY ...
	SlowSpawn   int // a step of a spawn takes SlowSpawnBy longer
	SlowSpawnBy time.Duration

	LostExit   int // an exit causes no wake and no entry in Exited: only Peek finds it
	LateExit   int // both come late, by up to LateExitBy
	LateExitBy time.Duration
	StolenExit int // another process reaps a child: it is in Exited, and Peek returns ECHILD

	LostWatch int // a change is not reported until the next one

	Starve    int // gosv gets the processor late, by up to StarveBy
	StarveBy  time.Duration
	Interrupt int // a Wait returns within a second without a reason

	SlowCall   int // a call of the loop takes from 1 us to 4 s, or one of SlowCallBy, before it takes effect
	SlowCallBy []time.Duration

	LostJob   int // a job never runs, as if it hung
	LateJob   int // a job runs late, by up to LateJobBy
	LateJobBy time.Duration

	TornProc    int // a read of /proc/PID/stat is cut short
	InexactProc int // a list of /proc repeats an entry and misses the zombies

	// Hook is called at every call that can fail, before Calls. It returns the errno to
	// fail with, or 0.
	Hook func(op Op, target string) syscall.Errno `json:"-"`
	// SlowHook is called at every call of the loop, before SlowCall. It returns how long
	// the call takes.
	SlowHook func() time.Duration `json:"-"`
}

// CallFault makes calls of one kind fail.
type CallFault struct {
	Op     Op
	Target string // the path's last element; "" is any
	Errnos []syscall.Errno
	Rate   int
}

// SetFaults replaces the injected faults from now on. The zero value injects none.
func (w *World) SetFaults(f Faults) { w.faults = &f }

// spawnFaults are the failures of Faults.Spawn. Those of StepCgroup apply only to a spawn
// into a cgroup.
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

// withoutCgroup is how many of spawnFaults come before those of StepCgroup.
const withoutCgroup = 9

// happens draws whether a fault happens, once in rate times.
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

// callFails draws whether a call fails.
func (w *World) callFails(rate int) bool {
	return rate > 0 && (rate == 1 || w.choose("call fails", rate) == 1)
}

// fault draws the errno of a call; 0 means no fault.
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

func (f *Faults) spawn(w *World, r *sys.SpawnRequest) (syscall.Errno, sys.Step) {
	if f.Hook != nil {
		if errno := f.Hook(OpSpawn, r.Path); errno != 0 {
			return errno, spawnStep(errno)
		}
	}
	for i := range f.Calls {
		if c := &f.Calls[i]; c.Op == OpSpawn && (c.Target == "" || c.Target == r.Path) && w.callFails(c.Rate) {
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
	if r.Cgroup == "" {
		few = few[:withoutCgroup]
	}
	few = slices.Clip(few)
	for _, fault := range attributeFaults {
		if has(&r.Attributes, fault.step) {
			few = append(few, fault)
		}
	}
	one := few[w.choose("spawn errno", len(few))]
	return one.errno, one.step
}

// spawnStep returns the step that most likely returns an errno.
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

// torn returns a text of /proc, cut short by chance.
func (f *Faults) torn(w *World, file, text string) string {
	if file == "stat" && w.happens(ProcTorn, f.TornProc) {
		return text[:len(text)*w.choose("how much of it", 8)/8]
	}
	return text
}

// inexact returns a list of /proc with, by chance, a repeated entry and without zombies,
// which may have been reaped during the read. A process that lives during the whole read
// is never missed, because the kernel iterates by PID.
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
