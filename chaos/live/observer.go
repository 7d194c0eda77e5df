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

// observer sees main processes start and end without asking the supervisor: it scans
// /proc for processes of the run, and holds a pidfd of each main process. All times count
// from its creation.
type observer struct {
	*processTracker
	isMain func(Process) bool
	origin time.Duration
	epoll  int
	quit   chan struct{}
	done   sync.WaitGroup

	scanning sync.Mutex // one scan at a time

	mu          sync.Mutex
	scannedAt   time.Duration            // when the last complete scan of /proc began
	drainedAt   time.Duration            // when there was last no event to record
	records     []*observedProcess       // in the order of FirstSeen
	living      map[int]*observedProcess // by PID, until the pidfd reports the exit
	unreaped    []*observedProcess       // exited, and their status is not known yet
	preexisting map[int]bool             // PIDs that existed before the run

	supervisor int            // its PID
	adopted    map[int]uint64 // children of the supervisor without the mark: start times by PID
}

// observedProcess is a main process with its pidfd.
type observedProcess struct {
	chaos.ProcessRecord
	fd       int
	compared bool // with other processes of the service, for leftovers
}

// scanPause is the shortest time between two scans of /proc. After a long scan the pause
// is longer, so that scanning takes at most a tenth of a processor.
const (
	scanPause = 50 * time.Millisecond
	scanShare = 10
)

func newObserver(run string, isMain func(Process) bool) (*observer, error) {
	before, err := pids()
	if err != nil {
		return nil, CannotRun{err}
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, CannotRun{fmt.Errorf("cannot observe processes: %w", err)}
	}
	o := &observer{
		processTracker: newProcessTracker(run), isMain: isMain, origin: now(), epoll: epoll, quit: make(chan struct{}),
		living: map[int]*observedProcess{}, preexisting: map[int]bool{}, adopted: map[int]uint64{},
	}
	for _, pid := range before {
		o.preexisting[pid] = true
	}
	return o, nil
}

// begin begins to observe, once there is a supervisor.
func (o *observer) begin(supervisor int) {
	o.supervisor = supervisor
	o.done.Add(2)
	go o.watchExits()
	go o.scanLoop()
}

// now returns the time since the beginning of the run.
func (o *observer) now() time.Duration { return now() - o.origin }

// close ends the observation. The records remain.
func (o *observer) close() {
	close(o.quit)
	o.done.Wait()
	_ = unix.Close(o.epoll)
	for _, l := range o.living {
		_ = unix.Close(l.fd)
	}
	for _, l := range o.unreaped {
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

// scanLoop scans /proc again and again.
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

// scan finds every main process.
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

// marked returns the living processes of the run, by PID.
func (o *observer) marked() (found []Process) {
	all, err := pids()
	if err != nil {
		return nil
	}
	o.mu.Lock()
	preexisting := o.preexisting
	o.mu.Unlock()
	still, adopted := map[int]bool{}, map[int]uint64{}
	for _, pid := range all {
		if preexisting[pid] {
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

// noteDrained records that up to now every event was recorded.
func (o *observer) noteDrained() {
	o.mu.Lock()
	o.drainedAt = o.now()
	o.mu.Unlock()
}

// processes returns all records so far.
func (o *observer) processes() (records []chaos.ProcessRecord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.readStatuses()
	for _, l := range o.records {
		records = append(records, l.ProcessRecord)
	}
	return records
}
