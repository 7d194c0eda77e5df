package live

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/chaos"
)

// observer sees main processes come and go, without asking the supervisor: a
// pidfd tells the end of each, and /proc is read over and over for marks. All
// times count from its beginning.
type observer struct {
	*kin
	main   func(Process) bool
	origin time.Duration
	epoll  int
	quit   chan struct{}
	done   sync.WaitGroup

	sweeping sync.Mutex // one at a time

	mu        sync.Mutex
	looked    time.Duration // when the last look at /proc that is over began
	attentive time.Duration // when nothing more was told
	lives     []*life       // in the order of their first sight
	living    map[int]*life // by pid, until the pidfd tells the end
	strangers map[int]bool  // processes that were there before the run

	supervisor int            // its pid
	adopted    map[int]uint64 // children of the supervisor that bear no mark: start times by pid
}

// life is a main process, and how it is held.
type life struct {
	chaos.Life
	fd       int
	compared bool // with what else of the service was there
}

// scanPause is the least time between two looks at /proc. A look that takes long
// is followed by a longer pause, so that looking takes no more than a tenth of a
// processor.
const (
	scanPause = 50 * time.Millisecond
	scanShare = 10
)

func newObserver(run string, main func(Process) bool) (*observer, error) {
	before, err := pids()
	if err != nil {
		return nil, CannotRun{err}
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, CannotRun{fmt.Errorf("cannot observe processes: %w", err)}
	}
	o := &observer{kin: newKin(run), main: main, origin: now(), epoll: epoll, quit: make(chan struct{}), living: map[int]*life{}, strangers: map[int]bool{}, adopted: map[int]uint64{}}
	for _, pid := range before {
		o.strangers[pid] = true
	}
	return o, nil
}

// begin begins to watch, when there is a supervisor.
func (o *observer) begin(supervisor int) {
	o.supervisor = supervisor
	o.done.Add(2)
	go o.watch()
	go o.look()
}

// endOf is when the last process of a service that had this number was seen to end.
func (o *observer) endOf(service string, pid int) (gone time.Duration, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range slices.Backward(o.lives) {
		if l.Service == service && l.Pid == pid {
			return l.Gone, l.Gone != 0
		}
	}
	return 0, false
}

// now counts from the beginning of the run.
func (o *observer) now() time.Duration { return now() - o.origin }

// close ends the watch; what was seen stays.
func (o *observer) close() {
	close(o.quit)
	o.done.Wait()
	_ = unix.Close(o.epoll)
	for _, l := range o.living {
		_ = unix.Close(l.fd)
	}
}

func (o *observer) closing() bool {
	select {
	case <-o.quit:
		return true
	default:
		return false
	}
}

// watch notes the end of each life when its pidfd tells it.
func (o *observer) watch() {
	defer o.done.Done()
	events := make([]unix.EpollEvent, 64)
	for !o.closing() {
		n, _ := unix.EpollWait(o.epoll, events, int(scanPause.Milliseconds()))
		if n <= 0 {
			continue
		}
		at := o.now()
		o.mu.Lock()
		for _, e := range events[:n] {
			for pid, l := range o.living {
				if l.fd == int(e.Fd) {
					l.Gone = at
					delete(o.living, pid)
					_ = unix.Close(l.fd) // which takes it out of the epoll, too
				}
			}
		}
		o.mu.Unlock()
	}
}

// look reads /proc over and over.
func (o *observer) look() {
	defer o.done.Done()
	for {
		began := time.Now()
		o.sweep()
		pause := max(scanPause, scanShare*time.Since(began))
		select {
		case <-o.quit:
			return
		case <-time.After(pause):
		}
	}
}

// sweep meets every main process that there is.
func (o *observer) sweep() {
	o.sweeping.Lock()
	defer o.sweeping.Unlock()
	at := o.now()
	found := o.marked()
	for _, p := range found {
		if o.main(p) {
			o.meet(p.Pid, p.Service)
		}
	}
	o.compare(found)
	o.mu.Lock()
	o.looked = at
	o.mu.Unlock()
}

// marked are the living processes with the mark of the run.
func (o *observer) marked() (found []Process) {
	all, err := pids()
	if err != nil {
		return nil
	}
	o.mu.Lock()
	strangers := o.strangers
	o.mu.Unlock()
	still, adopted := map[int]bool{}, map[int]uint64{}
	for _, pid := range all {
		if strangers[pid] {
			still[pid] = true
			continue
		}
		p, ok := o.identify(pid)
		switch {
		case ok:
			found = append(found, p)
		case p.Pid != 0 && p.Ppid == o.supervisor && p.Run == "":
			adopted[pid] = p.StartTime
		}
	}
	o.mu.Lock()
	o.strangers = still
	maps.Copy(o.adopted, adopted)
	o.mu.Unlock()
	slices.SortFunc(found, func(a, b Process) int { return a.Pid - b.Pid })
	return found
}

// nameless are the living that the supervisor has adopted, and that bear no mark: what a
// service has left that cleared its environment.
func (o *observer) nameless() (found []Process) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for pid, start := range o.adopted {
		p, marked := readProcess(pid)
		if p.Pid == 0 || marked || p.Run != "" || p.StartTime != start || o.recognised(p) {
			delete(o.adopted, pid)
			continue
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b Process) int { return a.Pid - b.Pid })
	return found
}

// claim has the nameless be known from now on: the supervisor is gone.
func (o *observer) claim() {
	for _, p := range o.nameless() {
		o.remember(p, "")
	}
}

// attend notes that up to now everything that was told was heard.
func (o *observer) attend() {
	o.mu.Lock()
	o.attentive = o.now()
	o.mu.Unlock()
}

// meet begins the life of a main process, unless it is known, gone or none of the
// service's. It may have been there since the last look, or, if its mark was gone by
// then, since something could last be told.
func (o *observer) meet(pid int, service string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.living[pid]; l != nil && !ended(l.fd) {
		return
	}
	fd, p, ok := o.hold(pid)
	if !ok { // a mark can be erased at any moment, but does not come back
		o.adopt(pid, service)
		if fd, p, ok = o.hold(pid); !ok {
			return
		}
	}
	at := o.now()
	l := &life{Life: chaos.Life{Service: p.Service, Pid: pid, Start: p.StartTime, First: at, Unseen: at - min(o.looked, o.attentive)}, fd: fd}
	known := slices.ContainsFunc(o.lives, func(old *life) bool { return old.Pid == pid && old.Start == l.Start })
	err := unix.EpollCtl(o.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
	if p.Service != service || known || err != nil {
		_ = unix.Close(fd)
		return
	}
	for _, other := range o.living {
		if other.Service == service && !ended(other.fd) {
			l.Beside = append(l.Beside, other.Pid)
		}
	}
	o.lives, o.living[pid] = append(o.lives, l), l
}

// alive tells whether a main process is known and lives.
func (o *observer) alive(pid int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.living[pid]
	return l != nil && !ended(l.fd)
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

// seen gives all lives so far.
func (o *observer) seen() (lives []chaos.Life) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lives {
		lives = append(lives, l.Life)
	}
	return lives
}
