package sim

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
)

// Fail is one call that is refused.
type Fail struct {
	Call  int // which of the calls that can fail, from 1 on
	Errno syscall.Errno
}

func (f Fail) String() string { return fmt.Sprintf("call %d fails: %v", f.Call, f.Errno) }

// Slow is one call that takes long, before it does anything.
type Slow struct {
	Call int // which of the calls of the loop, from 1 on
	By   time.Duration
}

func (c Slow) String() string { return fmt.Sprintf("call %d of the loop takes %v", c.Call, c.By) }

// failer counts the calls that can fail, and those that can take long, and does it to
// those that it is told to.
type failer struct {
	faults fakesys.Faults // of the machine, and those
	calls  int
	rest   []Fail
	looped int
	slow   []Slow
	rec    *recorder
	failed func()
}

func newFailer(s Scenario, rec *recorder) *failer {
	f := &failer{rest: s.Fails, slow: s.Slow, rec: rec}
	if s.Machine.Faults != nil {
		f.faults = *s.Machine.Faults
	}
	inner := f.faults.Hook
	f.faults.Hook = func(op fakesys.Op, target string) syscall.Errno {
		if errno := f.call(op, target); errno != 0 || inner == nil {
			return errno
		}
		return inner(op, target)
	}
	f.faults.SlowHook = f.takes
	return f
}

// left are the faults that are left when the machine heals.
func (f *failer) left() fakesys.Faults {
	if f == nil {
		return fakesys.Faults{}
	}
	return fakesys.Faults{Hook: f.call, SlowHook: f.takes}
}

func (f *failer) call(op fakesys.Op, target string) syscall.Errno {
	f.calls++
	if f.rec != nil {
		f.rec.add(branchPoint{kind: aCall, index: f.calls, op: op, target: target})
	}
	if len(f.rest) == 0 || f.rest[0].Call != f.calls {
		return 0
	}
	errno := f.rest[0].Errno
	f.rest = f.rest[1:]
	f.failed()
	return errno
}

// takes tells how long a call of the loop takes.
func (f *failer) takes() time.Duration {
	f.looped++
	if f.rec != nil {
		f.rec.branchPoints = append(f.rec.branchPoints, branchPoint{kind: aLoop, index: f.looped})
	}
	if len(f.slow) == 0 || f.slow[0].Call != f.looped {
		return 0
	}
	by := f.slow[0].By
	f.slow = f.slow[1:]
	f.failed()
	return by
}

// branchPoint is a point of a run at which it can deviate.
type branchPoint struct {
	kind   kind
	index  int        // number of the call, step or choice
	op     fakesys.Op // of a call
	target string
	n      int // of a choice
}

type kind uint8

const (
	aCall   kind = 1 << iota // that can fail
	aStep                    // after which the world is another
	aChoice                  // between several
	aLoop                    // a call of the loop, which can take long
)

// recorder keeps the branch points of a run, in order.
type recorder struct {
	branchPoints []branchPoint
	shape        uint64 // of what was done when: calls and choices, without their answers
	now          func() uint64
	made         int // choices
}

func (r *recorder) add(m branchPoint) {
	r.branchPoints = append(r.branchPoints, m)
	h := r.shape ^ uint64(m.kind)<<56 ^ uint64(m.op)<<48 ^ uint64(m.n)
	if r.now != nil {
		h ^= r.now() << 8
	}
	for i := range len(m.target) {
		h = (h ^ uint64(m.target[i])) * 1099511628211
	}
	r.shape = h*1099511628211 ^ h>>29
}

// choices records the choices that are made.
func (r *recorder) choices(from fakesys.Choices) fakesys.Choices {
	return chooser(func(label string, n int) int {
		if r.made++; n > 1 {
			r.add(branchPoint{kind: aChoice, index: r.made, n: n})
		}
		return from.Choose(label, n)
	})
}

// chooser is a source of choices that is a function.
type chooser func(label string, n int) int

func (f chooser) Choose(label string, n int) int { return f(label, n) }

// watch records the steps after which the world is another: there a crash makes a
// difference. A crash after a call that only looked is the crash before it.
func (r *recorder) watch(k *fakesys.Kernel) {
	r.now = func() uint64 { return uint64(k.Now()) }
	var changed bool
	if k.Pid() == 1 {
		return // its world ends with it
	}
	k.OnNote(func(n fakesys.Note) { changed = changed || slices.Contains(changing, n.Op) })
	k.OnStep(func() {
		if changed {
			r.add(branchPoint{kind: aStep, index: k.Steps()})
		}
		changed = false
	})
}

// changing are the calls and events that change what the next gosv will find.
var changing = []fakesys.Op{fakesys.OpSpawn, fakesys.OpAbort, fakesys.OpReap, fakesys.OpReapPid, fakesys.OpWriteFile,
	fakesys.OpMkdir, fakesys.OpRmdir, fakesys.OpLock, fakesys.OpUnlock, fakesys.OpSubreaper, fakesys.OpForeground,
	fakesys.OpSetForeground, fakesys.EvFork, fakesys.EvExec, fakesys.EvKill, fakesys.EvExit, fakesys.EvReaped, fakesys.EvAdopt, fakesys.EvCgroup}
