package supervisor

import (
	"sync/atomic"
	"time"

	"github.com/gosv/gosv/procfs"
	"github.com/gosv/gosv/sys"
)

// Bounds of process scans.
const (
	scanBound = time.Second // how long a scan may stay at one process
	maxHung   = 8           // scans that may hang at a time
)

// procScan finds the members of instances by looking at every process, or at every
// member of a cgroup. It runs as a job outside the loop, because reading /proc of a
// process can block; one runs at a time and answers all who asked before it began.
//
// Reading the environment of a process can hang for ever (its memory is locked by
// something in D state). When a scan has been at one process for scanBound, the next
// one begins without waiting, and passes over that process until the first one goes
// on. No more than maxHung hang at a time: each keeps a thread.
type procScan struct {
	*core
	context func() scanContext                               // for the job
	found   func(scanRequest, scanResult)                    // takes the result
	request func(ids []sys.SpawnID) (subjects []scanSubject) // what to look for

	asked   []sys.SpawnID
	at      *atomic.Int64 // the process that the scan under way looks at; nil: none is under way
	seen    int64         // where it was when that was last looked at
	overdue *alarm
	failing failing
	hung    map[*atomic.Int64]int // those that hang, and at which process
}

// scanSubject is what a scan must know of an instance.
type scanSubject struct {
	id         sys.SpawnID
	cgroup     string
	tracked    bool // its members need not be in the cgroup
	pgid       int  // 0: its PID may have been reused
	main       int  // the PID of a main process that has not exited; else 0
	signalled  bool // and what its signals may have missed is of interest
	invocation string
}

// member is a living process of an instance.
type member struct {
	procfs.Member
	handle sys.Handle // 0: out of reach
}

// ask has the members of an instance found.
func (p *procScan) ask(in *liveInstance) {
	if !in.scanAsked {
		in.scanAsked = true
		p.asked = append(p.asked, in.id)
	}
	p.begin()
}

// begin begins a scan if none is under way and some instance is to be looked for.
func (p *procScan) begin() {
	if p.at != nil || len(p.asked) == 0 || len(p.hung) >= maxHung {
		return
	}
	subjects := p.request(p.asked)
	p.asked = nil
	if len(subjects) == 0 {
		return
	}
	p.at, p.seen = new(atomic.Int64), -1
	p.set(p.overdue, p.now()+scanBound)
	p.submit(scanTask{scanRequest: scanRequest{context: p.context(), at: p.at, subjects: subjects}, then: p.take})
}

// giveUp goes on without a scan that hangs. Its result is taken if it comes after all.
// The instances that it was for ask again.
func (p *procScan) giveUp() {
	at := p.at.Load()
	if at != p.seen {
		p.seen = at
		p.set(p.overdue, p.now()+scanBound)
		return
	}
	p.report(ScanHung{PID: int(at)})
	p.hung[p.at] = int(at)
	p.at = nil
	p.begin()
}

// passOver adds the processes at which scans hang.
func (p *procScan) passOver(known map[int]bool) {
	for _, pid := range p.hung {
		known[pid] = true
	}
}

// take takes the result of a scan.
func (p *procScan) take(req scanRequest, res scanResult) {
	delete(p.hung, req.at)
	if p.at == req.at {
		p.at = nil
		p.set(p.overdue, sys.Never)
	}
	if p.failing.first(res.err) {
		p.report(ScanFailed{Err: res.err})
	}
	p.found(req, res)
	p.begin()
}
