package linux

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// Signal implements sys.Signaler.
func (k *Kernel) Signal(h sys.Handle, sig syscall.Signal) error {
	k.find(h)
	return unix.PidfdSendSignal(int(h), sig, nil, 0)
}

// SignalGroup implements sys.Signaler.
func (k *Kernel) SignalGroup(h sys.Handle, sig syscall.Signal) error {
	return unix.Kill(-k.find(h).pid, sig)
}

// OpenPid implements sys.Signaler.
func (k *Kernel) OpenPid(pid int) (sys.Handle, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0, err
	}
	h := sys.Handle(fd)
	k.mu.Lock()
	k.processes[h] = &process{handle: h, pid: pid}
	k.mu.Unlock()
	return h, nil
}

// Close implements sys.Signaler.
func (k *Kernel) Close(h sys.Handle) {
	p := k.find(h)
	k.mu.Lock()
	delete(k.processes, h)
	p.closed = true
	k.mu.Unlock()
	k.left(p)
	closePolled(k.epoll, int(h))
}
