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
	ended  bool // is or was on the ready list
	closed bool
}

// adopt makes a new child known to the loop; from here on its exit can be seen.
func (k *Kernel) adopt(c sys.Child) {
	k.mu.Lock()
	k.processes[c.Handle] = &process{handle: c.Handle, pid: c.Pid}
	k.mu.Unlock()
	// Edge-triggered: reported once, also if it has ended already.
	if epollAdd(k.epoll, int(c.Handle), unix.EPOLLIN|unix.EPOLLET) != nil {
		k.unwatched = append(k.unwatched, c.Handle) // ENOMEM, or fs.epoll.max_user_watches
	}
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
	defer k.mu.Unlock()
	p := k.processes[h]
	if p == nil || p.ended {
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
	k.find(h)
	_, st, err := waitID(unix.P_PIDFD, int(h), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT)
	return st.Status, st.ended, err
}

// Reap implements sys.Reaper.
func (k *Kernel) Reap(h sys.Handle) (sys.Status, bool, error) {
	k.find(h)
	_, st, err := waitID(unix.P_PIDFD, int(h), unix.WEXITED|unix.WNOHANG)
	return st.Status, st.ended, err
}

// PeekOrphan implements sys.Reaper. Called on the main thread (which the
// caller has locked) it sees adopted children only: orphans become children of
// the main thread, and no start runs there, so __WNOTHREAD leaves the children
// of Spawn out and ECHILD proves that nothing adopted is left. On any other
// thread it sees every child: pid may be one of Spawn's, and exists is true as
// long as there is any.
func (k *Kernel) PeekOrphan() (pid int, st sys.Status, exists bool, err error) {
	options := unix.WEXITED | unix.WNOHANG | unix.WNOWAIT
	if k.mainThread || unix.Gettid() == unix.Getpid() {
		options |= unix.WNOTHREAD
	}
	pid, s, err := waitID(unix.P_ALL, 0, options)
	if err == unix.ECHILD {
		return 0, sys.Status{}, false, nil
	}
	return pid, s.Status, true, err
}

// ReapOrphan implements sys.Reaper.
func (k *Kernel) ReapOrphan(pid int) (sys.Status, error) {
	_, st, err := waitID(unix.P_PID, pid, unix.WEXITED|unix.WNOHANG)
	return st.Status, err
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
