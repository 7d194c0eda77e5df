package linux

import (
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Bell wakes one goroutine, without Go's scheduler: to pass a goroutine from one
// thread to another costs a supervisor more than to write a line of its log. It
// lasts as long as the program.
type Bell struct {
	fd     int // eventfd
	rung   atomic.Bool
	waiter bool // has a thread of its own
	count  [8]byte
}

// NewBell makes one.
func NewBell() (*Bell, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a bell (eventfd): %w", err)
	}
	return &Bell{fd: fd}, nil
}

// Ring makes the present or the next Wait return. Calls may merge. It may be
// called from any goroutine and does not block.
func (b *Bell) Ring() {
	if !b.rung.Swap(true) {
		unix.Write(b.fd, one)
	}
}

// Wait blocks until Ring. It must always be called from the same goroutine, which
// gets a thread of its own.
func (b *Bell) Wait() {
	if !b.waiter {
		b.waiter = true
		stayBehind()
	}
	_, _ = retry(func() (int, error) { return unix.Read(b.fd, b.count[:]) })
	b.rung.Store(false)
}

// stayBehind gives the goroutine a thread that does not push the loop off its
// processor when it is woken (SCHED_BATCH, sched(7)).
func stayBehind() {
	runtime.LockOSThread()
	const schedBatch = 3
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: schedBatch}, 0)
}
