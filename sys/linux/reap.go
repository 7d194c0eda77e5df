package linux

import (
	"fmt"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// process is what a handle (a pidfd) names.
type process struct {
	handle sys.Handle
	pid    int
	ended  bool // is on the ready list, or was and has not been found alive since
	closed bool
	ours   bool // a child, not reaped yet
	failed bool // it could not execute its program: it is reaped, and not reported

	worker     *worker // that made it
	generation uint32
}

// adopt makes a new child known to the loop; from here on its exit can be seen.
func (k *Kernel) adopt(c sys.Child, w *worker) { k.await(k.enter(c, w)) }

// enter registers a child.
func (k *Kernel) enter(c sys.Child, w *worker) *process {
	k.generation++
	p := &process{handle: c.Handle, pid: c.Pid, ours: true, worker: w, generation: k.generation}
	k.mu.Lock()
	k.processes[c.Handle] = p
	k.mu.Unlock()
	k.unreaped++
	return p
}

// await has epoll report the end of a child.
func (k *Kernel) await(p *process) {
	// Edge-triggered: reported once, also if it has ended already.
	if epollAdd(k.epoll, int(p.handle), p.generation, unix.EPOLLIN|unix.EPOLLET) != nil {
		k.unwatched = append(k.unwatched, p.handle) // ENOMEM, or fs.epoll.max_user_watches
	}
}

// left notes that a child was reaped, or given up.
func (k *Kernel) left(p *process) {
	if p.ours {
		p.ours = false
		k.unreaped--
		p.worker.adds(-1)
	}
}

// awaitFailedChild reaps a child that could not execute its program and is not a
// zombie of gosv yet. If it is traced, it is its tracer's first.
func (k *Kernel) awaitFailedChild(c sys.Child, w *worker) {
	p := k.enter(c, w)
	p.failed = true
	k.await(p)
}

// reapFailedChild reaps such a child; false if that cannot be done yet.
func reapFailedChild(pidfd int) bool {
	_, w, err := waitID(unix.P_PIDFD, pidfd, unix.WEXITED|unix.WNOHANG)
	return w.ended || err == unix.ECHILD
}

// peekUnwatched looks at the children that epoll did not take; SIGCHLD wakes the loop
// for them. Only ECHILD says that a child is gone, which Peek then reports.
func (k *Kernel) peekUnwatched() {
	k.unwatched = slices.DeleteFunc(k.unwatched, func(h sys.Handle) bool {
		p := k.lookUp(h)
		if p == nil {
			return true
		}
		_, w, err := waitID(unix.P_PIDFD, int(h), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT)
		return (w.ended || err == unix.ECHILD) && k.ended(p)
	})
}

// lookUp returns what an open handle names, or nil.
func (k *Kernel) lookUp(h sys.Handle) *process {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.processes[h]
}

// find panics on a handle that was never given out or is closed.
func (k *Kernel) find(h sys.Handle) *process {
	p := k.lookUp(h)
	if p == nil {
		panic(fmt.Sprintf("sys/linux: handle %d is unknown or closed", h))
	}
	return p
}

// ended puts a child on the ready list, once: reaping it raises EPOLLHUP again
// on newer kernels. A child that could not execute its program is reaped instead. It
// reports whether there is nothing left to look for.
func (k *Kernel) ended(p *process) bool {
	switch {
	case p.ended:
	case !p.failed:
		p.ended = true
		k.ready = append(k.ready, p)
	case reapFailedChild(int(p.handle)):
		k.Close(p.handle)
	default:
		return false
	}
	return true
}

// Exited implements sys.Reaper.
func (k *Kernel) Exited() []sys.Handle {
	if !k.fresh {
		k.poll()
	}
	k.fresh = false
	if len(k.unwatched) > 0 {
		k.peekUnwatched()
	}
	if len(k.ready) == 0 {
		return nil
	}
	out := make([]sys.Handle, 0, len(k.ready))
	for _, p := range k.ready {
		if !p.closed {
			out = append(out, p.handle)
		}
	}
	clear(k.ready)
	k.ready = k.ready[:0]
	return out
}

// Peek implements sys.Reaper.
func (k *Kernel) Peek(h sys.Handle) (sys.Status, bool, error) {
	return k.wait(k.find(h), unix.WNOWAIT)
}

// Reap implements sys.Reaper.
func (k *Kernel) Reap(h sys.Handle) (sys.Status, bool, error) {
	p := k.find(h)
	st, ended, err := k.wait(p, 0)
	if ended || err == unix.ECHILD {
		k.left(p)
	}
	return st, ended, err
}

// wait asks for the end of a child. If it was said to have ended and has not, then
// it is a zombie of its tracer, and its handle is notified again when that lets go
// (do_notify_parent of kernel/signal.c).
func (k *Kernel) wait(p *process, options int) (sys.Status, bool, error) {
	_, w, err := waitID(unix.P_PIDFD, int(p.handle), unix.WEXITED|unix.WNOHANG|options)
	if err == nil && !w.ended {
		p.ended = false
	}
	return w.Status, w.ended, err
}

// waited is what waitid(2) found.
type waited struct {
	sys.Status
	ended   bool
	stopped syscall.Signal
}

func waitID(idType, id, options int) (pid int, w waited, err error) {
	var info unix.Siginfo
	if _, err = retry(func() (int, error) { return 0, unix.Waitid(idType, id, &info, options, nil) }); err != nil {
		return 0, w, err
	}
	pid, value := childInfo(&info)
	if pid == 0 {
		return 0, w, nil
	}
	switch info.Code {
	case cldExited:
		w.ended, w.Code = true, value
	case cldKilled, cldDumped:
		w.ended, w.Signal, w.Core = true, syscall.Signal(value), info.Code == cldDumped
	case cldStopped:
		w.stopped = syscall.Signal(value)
	}
	return pid, w, nil
}
