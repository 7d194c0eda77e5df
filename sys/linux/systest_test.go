package linux_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/gosv/gosv/sys/linux"
	"github.com/gosv/gosv/sys/systest"
	"github.com/gosv/gosv/sys/systest/linuxworld"
	"github.com/gosv/gosv/testproc/live"
)

// A testproc is this program, started again.
func init() { live.RunIfRequested() }

func TestConformance(t *testing.T) {
	systest.Run(t, func(t *testing.T) systest.World {
		k := newKernelWith(t, linux.Options{Signals: []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2}})
		t.Cleanup(func() { k.Shutdown(time.Second) })
		return linuxworld.New(t, k)
	})
}
