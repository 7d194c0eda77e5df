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
	*processTracker
	isMain func(Process) bool
	origin time.Duration
	epoll  int
	quit   chan struct{}
	done   sync.WaitGroup

	scanning sync.Mutex // one at a time

	mu          sync.Mutex
	scannedAt   time.Duration            // when the last look at /proc that is over began
	drainedAt   time.Duration            // when nothing more was told
	records     []*observedProcess       // in the order of their first sight
	living      map[int]*observedProcess // by pid, until the pidfd tells the end
	preexisting map[int]bool             // processes that were there before the run

	supervisor int            // its pid
	adopted    map[int]uint64 // children of the supervisor that bear no mark: start times by pid
}

// life is a main process, and how it is held.
type observedProcess struct {
	chaos.ProcessRecord
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
	o := &observer{processTracker: newProcessTracker(run), isMain: main, origin: now(), epoll: epoll, quit: make(chan struct{}), living: map[int]*observedProcess{}, preexisting: map[int]bool{}, adopted: map[int]uint64{}}
	for _, pid := range before {
		o.preexisting[pid] = true
	}
	return o, nil
}

// begin begins to watch, when there is a supervisor.
func (o *observer) begin(supervisor int) {
	o.supervisor = supervisor
	o.done.Add(2)
	go o.watchExits()
	go o.scanLoop()
}

// endOf is when the last process of a service that had this number was seen to end.
func (o *observer) exitTime(service string, pid int) (gone time.Duration, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range slices.Backward(o.records) {
		if l.Service == service && l.Pid == pid {
			return l.ExitedAt, l.ExitedAt != 0
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
func (o *observer) watchExits() {
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
					l.ExitedAt = at
					delete(o.living, pid)
					_ = unix.Close(l.fd) // which takes it out of the epoll, too
				}
			}
		}
		o.mu.Unlock()
	}
}

// look reads /proc over and over.
func (o *observer) scanLoop() {
	defer o.done.Done()
	for {
		began := time.Now()
		o.scan()
		pause := max(scanPause, scanShare*time.Since(began))
		select {
		case <-o.quit:
			return
		case <-time.After(pause):
		}
	}
}

// sweep meets every main process that there is.
func (o *observer) scan() {
	o.scanning.Lock()
	defer o.scanning.Unlock()
	at := o.now()
	found := o.marked()
	for _, p := range found {
		if o.isMain(p) {
			o.addMain(p.Pid, p.Service)
		}
	}
	o.findLeftovers(found)
	o.mu.Lock()
	o.scannedAt = at
	o.mu.Unlock()
}

// marked are the living processes with the mark of the run.
func (o *observer) marked() (found []Process) {
	all, err := pids()
	if err != nil {
		return nil
	}
	o.mu.Lock()
	strangers := o.preexisting
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
	o.preexisting = still
	maps.Copy(o.adopted, adopted)
	o.mu.Unlock()
	slices.SortFunc(found, func(a, b Process) int { return a.Pid - b.Pid })
	return found
}

// nameless are the living that the supervisor has adopted, and that bear no mark: what a
// service has left that cleared its environment.
func (o *observer) adoptedUnmarked() (found []Process) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for pid, start := range o.adopted {
		p, marked := readProcess(pid)
		if p.Pid == 0 || marked || p.Run != "" || p.StartTime != start || o.isKnown(p) {
			delete(o.adopted, pid)
			continue
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b Process) int { return a.Pid - b.Pid })
	return found
}

// claim has the nameless be known from now on: the supervisor is gone.
func (o *observer) trackAdopted() {
	for _, p := range o.adoptedUnmarked() {
		o.remember(p, "")
	}
}

// attend notes that up to now everything that was told was heard.
func (o *observer) noteDrained() {
	o.mu.Lock()
	o.drainedAt = o.now()
	o.mu.Unlock()
}

// meet begins the life of a main process, unless it is known, gone or none of the
// service's. It may have been there since the last look, or, if its mark was gone by
// then, since something could last be told.
func (o *observer) addMain(pid int, service string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if l := o.living[pid]; l != nil && !hasExited(l.fd) {
		return
	}
	fd, p, ok := o.open(pid)
	if !ok { // a mark can be erased at any moment, but does not come back
		o.adoptUnmarked(pid, service)
		if fd, p, ok = o.open(pid); !ok {
			return
		}
	}
	at := o.now()
	l := &observedProcess{ProcessRecord: chaos.ProcessRecord{Service: p.Service, Pid: pid, StartTime: p.StartTime, FirstSeen: at, UnseenFor: at - min(o.scannedAt, o.drainedAt)}, fd: fd}
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

// alive tells whether a main process is known and lives.
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

// seen gives all lives so far.
func (o *observer) processes() (lives []chaos.ProcessRecord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.records {
		lives = append(lives, l.ProcessRecord)
	}
	return lives
}
