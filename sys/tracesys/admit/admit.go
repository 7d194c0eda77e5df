// Package admit decides whether the fake kernel could have given the answers of
// a recorded run (trace inclusion): the test of the fake against what a real
// kernel did.
//
// A fresh fake kernel is asked what the program asked, in the same order. What
// the world did meanwhile is not in a trace: that a process was born, ended,
// stopped or was adopted, or that another gosv made a directory. It is inferred as
// late as can be, when an answer needs it, and then brought about by
// [fakesys.Hand], which refuses what cannot happen. After that the fake must
// answer what was recorded. So an inference never contradicts an earlier answer,
// and the first call that no behaviour of the fake explains is refused.
//
// Nothing is inferred that takes something back: who has ended does not live,
// who was reaped is not there, who has left a group is not in it.
//
// # What is assumed
//
// Errors of the machine (EMFILE, ENOMEM, EACCES and the like) may come at any
// time. NopObserver but the recorded program makes processes members of groups that
// it has made, and nobody else removes these. No process makes children of its parent
// (CLONE_PARENT). Figures (memory, processor time)
// are not compared, and wakes are hints: a notice may come late or for nothing,
// but not twice and not of what did not happen.
package admit

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// Refusal says which call the fake kernel could not have answered so.
type Refusal struct {
	Call     tracesys.Call
	Admitted int      // calls before it
	Allowed  []string // the answers that the fake gives
	Why      []string // what was tried to explain the answer, and cannot have happened
	State    string   // what is taken for true
}

func (r *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d: the fake kernel could not have answered so (%d calls were admitted):\n  %s\n", r.Call.Line, r.Admitted, r.Call)
	fmt.Fprintf(&b, "it would answer: %s\n", strings.Join(r.Allowed, ", or "))
	for _, why := range r.Why {
		fmt.Fprintf(&b, "because %s\n", why)
	}
	b.WriteString(r.State)
	return b.String()
}

// Check plays a trace to a fake kernel. The error is a *Refusal, or says that the
// trace is not one that can be played.
func Check(trace tracesys.Trace) error {
	a, err := newAdmitter(trace)
	if err != nil {
		return err
	}
	for i := range a.calls {
		if refused := a.next(i); refused != nil {
			return refused
		}
	}
	return nil
}

// admitter plays one trace.
type admitter struct {
	clues
	numbers

	k     *fakesys.Kernel
	hand  fakesys.Hand
	mount string        // of the cgroup file system; "": there is none
	i     int           // the call under way
	c     tracesys.Call // the same
	dry   bool          // nothing may be inferred
	why   []string      // what was refused while it was looked at
	// lessons are what the call under way teaches if it is admitted.
	lessons []func()

	known    map[int]*person // by number in the fake
	families []*family       // of the starts, in their order
	handles  map[string]holding
	exited   map[sys.Handle]bool // told by the fake, and not yet in the trace
	results  map[sys.SpawnID]sys.SpawnResult
	watches  map[string]sys.WatchID
	ours     map[string]bool // directories that the program has made
	freed    map[int]int     // numbers, and the call at which they became free
	order
	windows
}

// next admits the call at i, or refuses it.
func (a *admitter) next(i int) (refused *Refusal) {
	a.at(i)
	a.hand.Pass(a.c.End())
	if wrong := a.outOfOrder(a.c); wrong != "" {
		return a.refuse(wrong)
	}
	a.openWindows(i)
	if a.isOpen(i) {
		return a.closeWindows(i)
	}
	a.lastLooks(i)
	if refused := a.check(); refused != nil {
		return refused
	}
	return a.closeWindows(i)
}

// at makes a call the one under way.
func (a *admitter) at(i int) { a.i, a.c, a.why, a.lessons = i, a.calls[i], nil, nil }

// check asks the fake what the call under way asked, and compares.
func (a *admitter) check() (refused *Refusal) {
	defer func() {
		if p := recover(); p != nil { // a broken contract
			refused = a.refuse("a panic: " + a.translate(fmt.Sprint(p)))
		}
	}()
	if answer := a.answer(); answer != a.c.Answer() {
		return a.refuse(answer)
	}
	for _, learn := range a.lessons {
		learn()
	}
	return nil
}

func (a *admitter) refuse(allowed ...string) *Refusal {
	return &Refusal{Call: a.c, Admitted: a.i, Allowed: allowed, Why: a.why, State: a.state()}
}

// infer brings something about that the trace does not show, unless it cannot
// have happened.
func (a *admitter) infer(happen func() error) bool {
	if a.dry {
		return false
	}
	err := happen()
	if err != nil {
		a.why = append(a.why, a.translate(err.Error()))
	}
	return err == nil
}

// answer brings about what the recorded answer needs, asks the fake, and gives
// its answer as a trace would show it.
func (a *admitter) answer() string {
	answer, known := operations[a.c.Op]
	switch {
	case !known:
		return "nothing, as there is no such operation"
	case ofTheMachine(a.c.Err) || a.c.Err == syscall.ENOTTY:
		return a.recorded()
	}
	return answer(a)
}

// recorded is the answer in the trace: for what the fake has no opinion on.
func (a *admitter) recorded() string { return a.c.Answer() }

// as words an answer of the fake.
func as(err error, result ...string) string {
	if err == nil {
		return tracesys.Call{Result: result}.Answer()
	}
	errno, _ := err.(syscall.Errno)
	return tracesys.Call{Err: errno}.Answer()
}

// ofTheMachine tells errors that need no cause in the world of processes.
func ofTheMachine(errno syscall.Errno) bool {
	switch errno {
	case syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOSPC, syscall.EACCES, syscall.EPERM, syscall.EROFS, syscall.EIO, syscall.EINTR, syscall.EAGAIN:
		return true
	}
	return false
}

// operations are the calls of package sys, and how they are answered.
var operations = map[string]func(*admitter) string{
	"now": (*admitter).recorded, "wall": (*admitter).recorded, "wake": (*admitter).recorded,
	"submit": (*admitter).recorded, "finished": (*admitter).recorded, "stop-self": (*admitter).recorded,
	"wait": (*admitter).wait, "draw": (*admitter).draw, "signals": (*admitter).signals, "subreaper": (*admitter).subreaper,
	"foreground": (*admitter).recorded, "set-foreground": (*admitter).recorded,

	"spawn": (*admitter).spawn, "spawned": (*admitter).spawned, "abort": (*admitter).abort, "close-output": (*admitter).closeOutput,
	"exited": (*admitter).exits, "peek": (*admitter).peek, "reap": (*admitter).reap, "stopped": (*admitter).stopped,
	"peek-orphan": (*admitter).peekOrphan, "reap-orphan": (*admitter).reapOrphan,
	"peek-any": (*admitter).peekAny, "group-lives": (*admitter).groupLives,
	"signal": (*admitter).signal, "signal-group": (*admitter).signalGroup, "open-pid": (*admitter).openPid, "close": (*admitter).close,

	"read-file": (*admitter).readFile, "write-file": (*admitter).writeFile, "mkdir": (*admitter).mkdir, "rmdir": (*admitter).rmdir,
	"read-dir": (*admitter).readDir, "readlink": (*admitter).readlink, "lock": (*admitter).lock, "unlock": (*admitter).unlock, "locker": (*admitter).recorded,
	"watch": (*admitter).watch, "unwatch": (*admitter).unwatch, "changed": (*admitter).changed,
}

// order is what holds between calls, whatever they are.
type order struct {
	end       time.Duration            // of the last call of the loop
	submitted map[string]time.Duration // jobs that have not finished
}

// outOfOrder says what is wrong with the place of a call; "" is nothing.
func (o *order) outOfOrder(c tracesys.Call) string {
	if c.Job() {
		at, submitted := o.submitted[c.By]
		switch {
		case !submitted:
			return "nothing: there is no job " + c.By + ", or its result was taken"
		case c.At < at:
			return "nothing: the job " + c.By + " was not submitted yet"
		}
		return ""
	}
	if c.Op != "wake" {
		if c.At < o.end-time.Microsecond { // both are rounded
			return fmt.Sprintf("no sooner than %s: the clock does not go back", tracesys.Seconds(o.end))
		}
		o.end = c.End()
	}
	if c.Op == "finished" {
		for _, job := range c.Result {
			if _, submitted := o.submitted[job]; !submitted {
				return "= without " + job + ", which was not submitted, or has finished before"
			}
			delete(o.submitted, job)
		}
	}
	return ""
}
