package supervisor_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// waitFails is a kernel on which waitid(2) fails for a while.
type waitFails struct {
	*fakesys.Kernel
	from, until time.Duration
	errno       syscall.Errno
}

func (k waitFails) fails() bool { return k.Now() >= k.from && k.Now() < k.until }

func (k waitFails) Peek(h sys.Handle) (sys.Status, bool, error) {
	if k.fails() {
		return sys.Status{}, false, k.errno
	}
	return k.Kernel.Peek(h)
}

func (k waitFails) Reap(h sys.Handle) (sys.Status, bool, error) {
	if k.fails() {
		return sys.Status{}, false, k.errno
	}
	return k.Kernel.Reap(h)
}

// Only ECHILD says that a child is gone. After another error a healthy service runs on,
// and an exit is seen with its status when waitid works again.
func TestAnErrorOfWaitidIsNoExit(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EINVAL, syscall.EPERM, syscall.ENOSYS, syscall.EBADF, syscall.EINTR} {
		k := fakesys.New(fakesys.Options{})
		k.AddProgram("/svc/healthy", "sleep forever")
		k.AddProgram("/svc/exits", "sleep 20s; exit 3")
		exits := config.NewService("exits", "/svc/exits")
		exits.Restart = config.RestartNever
		seen := &log{}
		k.At(50*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
		s := supervisor.New(supervisor.Options{Kernel: waitFails{k, 10 * time.Second, 40 * time.Second, errno},
			Services: []config.Service{config.NewService("healthy", "/svc/healthy"), exits}, Observer: seen})
		s.Run()
		assert.Equal(t, []lifecycle.Phase{lifecycle.Starting, lifecycle.Running, lifecycle.Stopping, lifecycle.Stopped}, seen.phases("healthy"), errno)
		assert.Equal(t, []lifecycle.Phase{lifecycle.Starting, lifecycle.Running, lifecycle.Failed}, seen.phases("exits"), errno)
		assert.Equal(t, 3, s.Statuses()[1].State.Last.Code, errno)
	}
}
