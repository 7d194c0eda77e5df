package admit

import (
	"syscall"

	"github.com/gosv/gosv/internal/signame"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/tracesys"
)

// holding is what a handle of the trace stands for.
type holding struct {
	handle sys.Handle // in the fake; 0: of a stranger
	pid    int
	child  bool // it came with the result of a start
	gone   bool // the process was reaped; its number may be another's
}

// exits is a ready list: of what has ended each is told once, sooner or later.
func (a *admitter) exits() string {
	for _, name := range a.c.Result {
		if h := a.handles[name]; h.child && !a.early(name) {
			a.end(h.pid)
		}
	}
	if len(a.c.Result) > 0 {
		for _, h := range a.k.Exited() {
			a.exited[h] = true
		}
	}
	for _, name := range a.c.Result {
		h := a.handles[name]
		if h.child && a.early(name) {
			continue
		}
		if !h.child || !a.exited[h.handle] {
			return "= without " + name + ", which was told, or is no child, or has not ended"
		}
		delete(a.exited, h.handle)
	}
	return a.recorded()
}

// early tells whether a child that is told is found alive then: it is its tracer's.
func (a *admitter) early(name string) bool {
	for _, c := range a.calls[a.i+1:] {
		if c.Arg(0) == name && (c.Op == "peek" || c.Op == "reap" || c.Op == "close") {
			return len(c.Result) == 1 && c.Result[0] == "lives"
		}
	}
	return false
}

// heldHandle gives what a handle stands for; ok is false for one that is not open.
func (a *admitter) heldHandle() (h holding, ok bool) {
	h, ok = a.handles[a.c.Arg(0)]
	return h, ok
}

const notOpen = "a panic: the handle is not open"

func (a *admitter) peek() string { return a.waited(a.k.Peek) }
func (a *admitter) reap() string { return a.waited(a.k.Reap) }

func (a *admitter) waited(wait func(sys.Handle) (sys.Status, bool, error)) string {
	h, ok := a.heldHandle()
	switch {
	case !ok:
		return notOpen
	case h.handle == 0:
		return as(syscall.ECHILD)
	}
	if st, ended := tracesys.Status(a.c.Result); ended && a.c.Err == 0 {
		if !h.gone {
			a.endAs(h.pid, st)
		}
	}
	st, ended, err := wait(h.handle)
	if a.c.Op == "reap" && ended {
		a.forget(h.pid)
	}
	return as(err, tracesys.Ending(st, ended)...)
}

func (a *admitter) stopped() string {
	h, ok := a.heldHandle()
	switch {
	case !ok:
		return notOpen
	case h.handle == 0:
		return as(syscall.ECHILD)
	case a.c.Err == syscall.ECHILD && !h.gone:
		a.end(h.pid) // a zombie is nobody who may stop
	case len(a.c.Result) == 1:
		if sig, ok := signame.Parse(a.c.Result[0]); ok {
			a.infer(func() error { return a.hand.Stop(h.pid, sig) })
		}
	}
	sig, stopped, err := a.k.Stopped(h.handle)
	if !stopped {
		return as(err)
	}
	return as(err, signame.Name(sig))
}
