package fakesys

import (
	"fmt"
	"slices"
	"syscall"

	"github.com/gosv/gosv/sys"
)

// handle is one of gosv's pidfds. It is bound to the process, not to its PID.
type handle struct {
	proc *process
}

// firstHandle is the lowest descriptor of a handle, after 0, 1 and 2.
const firstHandle = 3

// open allocates the lowest free descriptor, as the kernel does.
func (k *Kernel) open(p *process) sys.Handle {
	h := &handle{p}
	k.opened++
	for i := k.lowest; i < len(k.handles); i++ {
		if k.handles[i] == nil {
			k.handles[i] = h
			k.lowest = i + 1
			return sys.Handle(i + firstHandle)
		}
	}
	k.handles = append(k.handles, h)
	k.lowest = len(k.handles)
	return sys.Handle(len(k.handles) - 1 + firstHandle)
}

// held returns an open handle. A handle that is not open is a bug of the caller.
func (k *Kernel) held(h sys.Handle, op Op) *handle {
	i := int(h) - firstHandle
	if i < 0 || i >= len(k.handles) || k.handles[i] == nil {
		panic(fmt.Sprintf("fakesys: %v of handle %d, which is not open", op, h))
	}
	return k.handles[i]
}

// OpenPid is pidfd_open(2).
func (k *Kernel) OpenPid(pid int) (sys.Handle, error) {
	k.call()
	h, err := k.openPid(pid)
	k.done(OpOpenPid, pid, int(h), "", err)
	return h, err
}

func (k *Kernel) openPid(pid int) (sys.Handle, error) {
	if errno := k.fault(OpOpenPid, ""); errno != 0 {
		return 0, errno
	}
	p := k.find(pid)
	switch {
	case pid <= 0:
		return 0, syscall.EINVAL
	case p == nil:
		return 0, syscall.ESRCH
	case k.Descriptors() >= k.opt.MaxFiles:
		return 0, syscall.EMFILE
	}
	return k.open(p), nil
}

// Close closes a handle.
func (k *Kernel) Close(h sys.Handle) {
	k.call()
	if p := k.held(h, OpClose).proc; p.handle == h {
		p.handle = 0
	}
	i := int(h) - firstHandle
	k.handles[i] = nil
	k.opened--
	k.exited = slices.DeleteFunc(k.exited, func(e sys.Handle) bool { return e == h })
	k.lowest = min(k.lowest, i)
	k.done(OpClose, int(h), 0, "", nil)
}

// Descriptors counts what gosv holds open: handles, pipe ends, watches and locks. It does
// not count descriptors of the sys implementation itself.
func (k *Kernel) Descriptors() int {
	return k.opened + len(k.pipes) + len(k.watches) + len(k.locks)
}

// Signal is pidfd_send_signal(2).
func (k *Kernel) Signal(h sys.Handle, sig syscall.Signal) error {
	k.call()
	p := k.held(h, OpSignal).proc
	err := error(nil)
	switch errno := k.fault(OpSignal, ""); {
	case errno != 0:
		err = errno
	case p.reaped:
		err = syscall.ESRCH
	case !valid(sig):
		err = syscall.EINVAL
	case p.foreign:
		err = syscall.EPERM
	default:
		k.send(k.self, p, sig)
	}
	k.done(OpSignal, p.pid, int(sig), "", err)
	return err
}

// SignalGroup is kill(2) of -pgid. It panics if gosv has reaped the child, because the
// PGID may have been reused, and on Linux the signal would reach strangers.
func (k *Kernel) SignalGroup(h sys.Handle, sig syscall.Signal) error {
	k.call()
	p := k.held(h, OpSignalGroup).proc
	if p.reaped && !p.stolen {
		panic(fmt.Sprintf("fakesys: signal-group %d after the child was reaped", p.pid))
	}
	err := error(nil)
	if errno := k.fault(OpSignalGroup, ""); errno != 0 {
		err = errno
	} else if p.stolen {
		err = syscall.ESRCH // unless the PGID was reused
	} else if errno := k.sendGroup(k.self, p.pid, sig); errno != 0 {
		err = errno
	}
	k.done(OpSignalGroup, p.pid, int(sig), "", err)
	return err
}
