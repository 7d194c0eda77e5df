package supervisor

import (
	"errors"
	"slices"
	"syscall"
	"time"

	"github.com/gosv/gosv/sys"
)

// abandonedKernel is what abandonedChildren asks of the kernel.
type abandonedKernel interface {
	Signal(sys.Handle, syscall.Signal) error
	Reap(sys.Handle) (sys.Status, bool, error)
	Close(sys.Handle)
}

// abandonedChildren are children whose spawn was given up for good, and which were
// spawned after all. They are killed, and reaped when they have exited.
type abandonedChildren struct {
	*core
	k       abandonedKernel
	handles []sys.Handle
	alarm   *alarm // looks again: the kernel may not report an exit
	pause   time.Duration
}

// add kills the child of an abandoned spawn, if it has one.
func (a *abandonedChildren) add(r sys.SpawnResult) {
	if r.Err == nil {
		_ = a.k.Signal(r.Child.Handle, syscall.SIGKILL) // ESRCH: it has exited
		a.handles = append(a.handles, r.Child.Handle)
		a.pause = 0
		a.again()
	}
}

func (a *abandonedChildren) again() {
	a.pause = longer(a.pause)
	a.soon(a.alarm, a.pause)
}

func (a *abandonedChildren) reapAll() {
	for _, h := range slices.Clone(a.handles) {
		a.reap(h)
	}
	if len(a.handles) > 0 {
		a.again()
	}
}

// reap takes the zombie of such a child, if it has exited. ECHILD: another process did.
func (a *abandonedChildren) reap(h sys.Handle) {
	_, ended, err := a.k.Reap(h)
	if err == nil && !ended {
		return
	}
	if err != nil {
		a.report(AbandonedChildReapFailed{Err: err})
		if !errors.Is(err, syscall.ECHILD) {
			return
		}
	}
	a.handles = slices.DeleteFunc(a.handles, func(other sys.Handle) bool { return other == h })
	a.k.Close(h)
}
