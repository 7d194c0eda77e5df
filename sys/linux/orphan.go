package linux

import (
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// Orphans implements sys.Reaper. The kernel makes orphans children of the main
// thread (find_alive_thread of kernel/exit.c), and no process is started there. So
// on the main thread __WNOTHREAD leaves out the children of Spawn, and ECHILD
// proves that there is no orphan. It also leaves out the children that those make
// by CLONE_PARENT, as they belong to the thread that started their sibling: when
// no child of Spawn is left, every child is looked at.
func (k *Kernel) Orphans() (o sys.Orphans, err error) {
	if unix.Gettid() != unix.Getpid() {
		panic("sys/linux: Orphans is called on another thread than the main thread")
	}
	options := peekAny
	if k.unreaped > 0 || len(k.starts.flight) > 0 {
		options |= unix.WNOTHREAD
	}
	pid, s, err := waitID(unix.P_ALL, 0, options)
	if err == unix.ECHILD {
		return sys.Orphans{}, nil
	}
	return sys.Orphans{Exist: true, Zombie: pid, Status: s.Status}, err
}

const peekAny = unix.WEXITED | unix.WNOHANG | unix.WNOWAIT

// AnyZombie implements sys.Reaper.
func (k *Kernel) AnyZombie() (int, sys.Status, error) {
	pid, w, err := waitID(unix.P_ALL, 0, peekAny)
	if err == unix.ECHILD {
		return 0, sys.Status{}, nil
	}
	return pid, w.Status, err
}

// GroupAlive implements sys.Reaper: a wait for stops only passes over zombies, so
// that ECHILD says that no other member is left (wait_consider_task of kernel/exit.c).
// It looks at every child, and is spared if the group has no member at all.
func (k *Kernel) GroupAlive(h sys.Handle) (bool, error) {
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

// ReapPid implements sys.Reaper.
func (k *Kernel) ReapPid(pid int) (sys.Status, error) {
	_, st, err := waitID(unix.P_PID, pid, unix.WEXITED|unix.WNOHANG)
	return st.Status, err
}
