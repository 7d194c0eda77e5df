package live

import (
	"os"
	"runtime"
	"sync"
)

// leash starts processes with a parent-death signal. The kernel sends it when the thread
// that started them ends, not when the program does, prctl(2) PR_SET_PDEATHSIG. So a
// leash has a thread of its own, which lasts until Release.
type leash struct {
	requests chan func()
	done     chan struct{}
	once     sync.Once
}

func newLeash() *leash {
	l := &leash{requests: make(chan func()), done: make(chan struct{})}
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for {
			select {
			case do := <-l.requests:
				do()
			case <-l.done:
				return
			}
		}
	}()
	return l
}

// Start starts a process like os.StartProcess.
func (l *leash) Start(name string, argv []string, attr *os.ProcAttr) (p *os.Process, err error) {
	started := make(chan struct{})
	l.requests <- func() {
		p, err = os.StartProcess(name, argv, attr)
		close(started)
	}
	<-started
	return p, err
}

// Release lets the thread go. The processes must have ended.
func (l *leash) Release() { l.once.Do(func() { close(l.done) }) }
