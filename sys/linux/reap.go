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
	failed bool // it did not come as far as its program: to be reaped, and told to nobody
}

// adopt makes a new child known to the loop; from here on its exit can be seen.
func (k *Kernel) adopt(c sys.Child) { k.await(k.enter(c)) }

// enter puts a child on the books.
func (k *Kernel) enter(c sys.Child) *process {
	p := &process{handle: c.Handle, pid: c.Pid, ours: true}
	k.mu.Lock()
	k.processes[c.Handle] = p
	k.mu.Unlock()
	k.unreaped++
	return p
}

// await has the end of a child told.
func (k *Kernel) await(p *process) {
	// Edge-triggered: reported once, also if it has ended already.
	if epollAdd(k.epoll, int(p.handle), unix.EPOLLIN|unix.EPOLLET) != nil {
		k.unwatched = append(k.unwatched, p.handle) // ENOMEM, or fs.epoll.max_user_watches
	}
}

// left takes a child off the books that is reaped, by whomever.
func (k *Kernel) left(p *process) {
	if p.ours {
		p.ours = false
		k.unreaped--
	}
}

// mourn reaps a child that did not come as far as its program. Its vfork is over
// before it is a zombie, and a traced one is its tracer's: the loop waits for
// neither, the handle tells when it can be reaped.
func (k *Kernel) mourn(c sys.Child) *process {
	p := k.enter(c)
	p.failed = true
	if !k.reclaim(p) {
		k.await(p)
	}
	return p
}

func (k *Kernel) reclaim(p *process) bool {
	_, w, err := waitID(unix.P_PIDFD, int(p.handle), unix.WEXITED|unix.WNOHANG)
	if err == nil && !w.ended {
		return false
	}
	k.Close(p.handle)
	return true
}

// lookAfter asks for the exits of those that epoll did not take; SIGCHLD wakes
// the loop for them.
func (k *Kernel) lookAfter() {
	k.unwatched = slices.DeleteFunc(k.unwatched, func(h sys.Handle) bool {
		_, w, err := waitID(unix.P_PIDFD, int(h), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT)
		return err != nil || w.ended && k.ended(h)
	})
}

// find panics on a handle that was never given out or is closed.
func (k *Kernel) find(h sys.Handle) *process {
	k.mu.Lock()
	defer k.mu.Unlock()
	p := k.processes[h]
	if p == nil {
		panic(fmt.Sprintf("sys/linux: handle %d is unknown or closed", h))
	}
	return p
}

// ended puts a child on the ready list, once: reaping it raises EPOLLHUP again
// on newer kernels.
func (k *Kernel) ended(h sys.Handle) bool {
	k.mu.Lock()
	p := k.processes[h]
	k.mu.Unlock()
	if p == nil || p.ended {
		return false
	}
	if p.failed {
		if k.reclaim(p) {
			k.wake(sys.WokeSpawn)
		}
		return false
	}
	p.ended = true
	k.ready = append(k.ready, p)
	return true
}

// Exited implements sys.Reaper.
func (k *Kernel) Exited() []sys.Handle {
	if !k.fresh {
		k.poll()
	}
	k.fresh = false
	if len(k.unwatched) > 0 {
		k.lookAfter()
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
