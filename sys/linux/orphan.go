package linux

import (
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// PeekOrphan implements sys.Reaper. Called on the main thread (which the
// caller has locked) it sees adopted children only: orphans become children of
// the main thread, and no start runs there, so __WNOTHREAD leaves the children
// of Spawn out and ECHILD proves that nothing adopted is left. It leaves out what
// these make by CLONE_PARENT too, which are children of the thread that started
// them; so where there is nothing to leave out every child is looked at.
//
// On any other thread it sees every child: pid may be one of Spawn's, and exists is
// true as long as there is any.
func (k *Kernel) PeekOrphan() (pid int, st sys.Status, exists bool, err error) {
	options := peekAny
	if (k.unreaped > 0 || len(k.starts.flight) > 0) && (k.mainThread || unix.Gettid() == unix.Getpid()) {
		options |= unix.WNOTHREAD
	}
	pid, s, err := waitID(unix.P_ALL, 0, options)
	if err == unix.ECHILD {
		return 0, sys.Status{}, false, nil
	}
	return pid, s.Status, true, err
}

const peekAny = unix.WEXITED | unix.WNOHANG | unix.WNOWAIT

// PeekAny implements sys.Reaper.
func (k *Kernel) PeekAny() (int, sys.Status, error) {
	pid, w, err := waitID(unix.P_ALL, 0, peekAny)
	if err == unix.ECHILD {
		return 0, sys.Status{}, nil
	}
	return pid, w.Status, err
}

// GroupLives implements sys.Reaper: a wait for stops only passes over zombies, so
// that ECHILD says that there is nobody else (wait_consider_task of kernel/exit.c).
// It looks at every child, and is spared if the group has no member at all.
func (k *Kernel) GroupLives(h sys.Handle) (bool, error) {
	group := k.find(h).pid
	if unix.Kill(-group, 0) == unix.ESRCH {
		return false, nil
	}
	_, _, err := waitID(unix.P_PGID, group, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT)
	if err == unix.ECHILD {
		return false, nil
	}
	return true, err
}

// ReapOrphan implements sys.Reaper.
func (k *Kernel) ReapOrphan(pid int) (sys.Status, error) {
	_, st, err := waitID(unix.P_PID, pid, unix.WEXITED|unix.WNOHANG)
	return st.Status, err
}
