package admit

import (
	"syscall"

	"github.com/gosv/gosv/internal/signame"
)

func (a *admitter) signal() string {
	h, ok := a.heldHandle()
	sig, known := signame.Parse(a.c.Arg(1))
	switch {
	case !ok:
		return notOpen
	case h.handle == 0 || !known:
		return a.recorded()
	case a.c.Err == syscall.ESRCH:
		if a.known[h.pid] != nil && !h.gone {
			a.vanish(h.pid)
		}
	}
	return as(a.k.Signal(h.handle, sig))
}

func (a *admitter) signalGroup() string {
	h, ok := a.heldHandle()
	sig, known := signame.Parse(a.c.Arg(1))
	switch {
	case !ok:
		return notOpen
	case h.handle == 0 || !known:
		return a.recorded()
	case a.c.Err == syscall.ESRCH && !h.gone: // setpgid(2), by the child itself
		a.infer(func() error { return a.hand.SetGroup(h.pid, a.k.Pid(), a.k.Pid()) })
	}
	err := a.k.SignalGroup(h.handle, sig)
	if err == syscall.ESRCH && a.c.Err == 0 && a.leftBehind(h.pid) {
		err = a.k.SignalGroup(h.handle, sig)
	}
	return as(err)
}

// leftBehind lets a child that nobody has seen be in the group that a process made
// and has left.
func (a *admitter) leftBehind(pid int) bool {
	if !a.descends(pid) || !a.lives(pid) {
		return false
	}
	p, _ := a.k.Process(pid)
	child := a.nameless()
	return a.fork(child, pid, true, func(*family) bool { return true }) &&
		a.infer(func() error { return a.hand.SetGroup(child, pid, p.Sid) })
}

// openPid may be of a stranger, on whom the fake has no opinion. If the stranger
// turns out to be a descendant, his handle is opened then.
func (a *admitter) openPid() string {
	pid := a.number(a.c.Arg(0))
	if a.c.Err != 0 {
		if a.c.Err == syscall.ESRCH && a.descends(pid) {
			a.vanish(pid)
		}
		if !a.exists(pid) {
			return a.recorded()
		}
	}
	if a.c.Err == 0 {
		if len(a.c.Result) != 1 || a.handles[a.c.Result[0]] != (holding{}) {
			return "= with a new handle"
		}
		if !a.descends(pid) {
			a.handles[a.c.Result[0]] = holding{pid: pid}
			return a.recorded()
		}
	}
	h, err := a.k.OpenPid(pid)
	if err == nil && a.c.Err != 0 {
		a.k.Close(h)
		return "= with a handle, as " + a.c.Arg(0) + " is there"
	}
	if err != nil {
		return as(err)
	}
	a.handles[a.c.Result[0]] = holding{handle: h, pid: pid}
	a.seen(pid)
	return a.recorded()
}

func (a *admitter) close() string {
	h, ok := a.heldHandle()
	if !ok {
		return notOpen
	}
	delete(a.handles, a.c.Arg(0))
	if h.handle != 0 {
		delete(a.exited, h.handle)
		a.k.Close(h.handle)
	}
	return as(nil)
}
