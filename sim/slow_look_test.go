package sim_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

// slowLook is a kernel on which the first look at all processes stays at the process 12
// until an instant. The goroutine in which it waits does nothing at the same time as
// another.
type slowLook struct {
	*fakesys.Kernel
	begun, stays        bool
	reached, goOn, done chan struct{}
	result              any
}

func newSlowLook(until time.Duration) *slowLook {
	k := &slowLook{Kernel: fakesys.New(fakesys.Options{}), reached: make(chan struct{}), goOn: make(chan struct{}), done: make(chan struct{})}
	k.At(until, "the look goes on", func() {
		close(k.goOn)
		<-k.done
		k.Wake()
	})
	return k
}

func (k *slowLook) Submit(job sys.Job) {
	if k.begun {
		k.Kernel.Submit(job)
		return
	}
	k.begun = true
	go func() {
		k.result = job(k)
		close(k.done)
	}()
	<-k.reached
}

func (k *slowLook) ReadFile(name string) ([]byte, error) {
	if !k.stays && strings.HasPrefix(name, "/proc/12/") {
		k.stays = true
		close(k.reached)
		<-k.goOn
	}
	return k.Kernel.ReadFile(name)
}

func (k *slowLook) Finished() []any {
	results := k.Kernel.Finished()
	if k.result != nil {
		results = append(results, k.result)
		k.result = nil
	}
	return results
}

// A look at all processes that is at the same one when it is asked after again, a second
// later, is given up, and that process is passed over; but only until it goes on, since it may
// have been gosv that got no processor.
func TestWhatALookStaysAtIsPassedOverUntilItGoesOn(t *testing.T) {
	for until, given := range map[time.Duration][]supervisor.ScanHung{
		2500 * time.Millisecond: nil,
		8 * time.Second:         {{PID: 12}},
	} {
		k := newSlowLook(until)
		k.AddProgram("/svc/web", "fork {setsid; ignore TERM; sleep forever}; sleep 1s; exit 1")
		k.At(20*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
		web := config.NewService("web", "/svc/web")
		web.Backoff.Initial, web.Backoff.Max = time.Hour, time.Hour
		seen := &noticing{}
		r := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web}, Observer: seen}).Run()
		assert.Equal(t, given, reported[supervisor.ScanHung](seen.events))
		assert.Empty(t, r.Unkillable)
		_, lives := k.Process(12)
		assert.False(t, lives, "what it stayed at until %v", until)
	}
}
