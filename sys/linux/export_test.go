package linux

import (
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
)

// ForceClone makes starts use clone(2), as on a machine that refuses clone3(2).
func (k *Kernel) ForceClone() { k.features.clone3 = false }

// Workers returns how many threads start processes and run jobs.
func (k *Kernel) Workers() int {
	p := k.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.workers
}

// MinWorkers is how many there are at first.
const MinWorkers = minWorkers

var (
	Milliseconds = milliseconds
	ParseShebang = parseShebang
)

// CleanMappings returns beginnings and ends.
func CleanMappings(smaps, file string) (clean [][2]uintptr) {
	for _, m := range cleanMappings(smaps, file) {
		clean = append(clean, [2]uintptr{m.begin, m.end})
	}
	return clean
}

const StuckAfter = stuckAfter

// DeliverExit delivers an event of epoll as if the handle had been in it so many
// generations ago.
func (k *Kernel) DeliverExit(h sys.Handle, ago uint32) sys.Reason {
	k.events[0] = unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(h), Pad: int32(k.find(h).generation - ago)}
	return k.sort(1)
}

// DeliverHangup does so for the end of the only stream of output.
func (k *Kernel) DeliverHangup(ago uint32) {
	k.pump.mu.Lock()
	var e unix.EpollEvent
	for fd, s := range k.pump.streams {
		e = unix.EpollEvent{Events: unix.EPOLLHUP, Fd: fd, Pad: int32(s.generation - ago)}
	}
	k.pump.mu.Unlock()
	k.pump.take(e)
}

// Handles returns those that are open.
func (k *Kernel) Handles() (all []sys.Handle) {
	for h := range k.processes {
		all = append(all, h)
	}
	return all
}
