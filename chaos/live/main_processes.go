package live

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

// addMain begins the record of a main process, unless it is known, gone, or no process of
// the service. It may have existed since the last scan, or, if its mark was gone by then,
// since an event could last have reported it.
func (o *observer) addMain(pid int, service string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.living[pid]; l != nil && !hasExited(l.fd) {
		return
	}
	fd, p, ok := o.open(pid)
	if !ok { // a process can overwrite its mark, but not get it back
		o.adoptUnmarked(pid, service)
		if fd, p, ok = o.open(pid); !ok {
			return
		}
	}
	at := o.now()
	l := &observedProcess{ProcessRecord: chaos.ProcessRecord{
		Service: p.Service, Pid: pid, StartTime: p.StartTime, FirstSeen: at, UnseenFor: at - min(o.scannedAt, o.drainedAt),
	}, fd: fd}
	known := slices.ContainsFunc(o.records, func(old *observedProcess) bool { return old.Pid == pid && old.StartTime == l.StartTime })
	err := unix.EpollCtl(o.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	if p.Service != service || known || err != nil {
		_ = unix.Close(fd)
		return
	}
	for _, other := range o.living {
		if other.Service == service && !hasExited(other.fd) {
			l.Overlapping = append(l.Overlapping, other.Pid)
		}
	}
	o.records, o.living[pid] = append(o.records, l), l
}

// watchExits records the end of each main process when its pidfd reports it.
func (o *observer) watchExits() {
	defer o.done.Done()
	events := make([]unix.EpollEvent, 64)
	for !o.closing() {
		n, _ := unix.EpollWait(o.epoll, events, int(scanPause.Milliseconds()))
		at := o.now()
		o.mu.Lock()
		for _, e := range events[:max(0, n)] {
			for pid, l := range o.living {
				if l.fd == int(e.Fd) {
					l.ExitedAt = at
					delete(o.living, pid)
					_ = unix.EpollCtl(o.epoll, unix.EPOLL_CTL_DEL, l.fd, nil)
					o.unreaped = append(o.unreaped, l)
				}
			}
		}
		o.readStatuses()
		o.mu.Unlock()
	}
}

// readStatuses asks the kernel for the statuses of exited processes, and closes the
// pidfds of those that it knows or will never know.
func (o *observer) readStatuses() {
	o.unreaped = slices.DeleteFunc(o.unreaped, func(l *observedProcess) bool {
		status, final := exitStatus(l.fd)
		if final {
			l.Exit = status
			_ = unix.Close(l.fd)
		}
		return final
	})
}

// alive reports whether a main process is known and lives.
func (o *observer) alive(pid int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.living[pid]
	return l != nil && !hasExited(l.fd)
}

// signal sends a signal to a main process that is known and lives.
func (o *observer) signal(pid int, sig unix.Signal) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.living[pid]
	if l == nil {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(l.fd, sig, nil, 0)
}
