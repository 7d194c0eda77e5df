package sim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
)

// The start that tries out a cgroup hangs: whoever tells gosv to end does not
// wait for it, and nothing is started or left.
func TestTERMIsObeyedAtOnceWhileTheProbeHangs(t *testing.T) {
	k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
	k.AddFile("/dev/null/gosv", fakesys.Hanging)
	k.AddProgram("/svc/web", "sleep forever")
	k.At(time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	w := &changes{}
	r := supervisor.New(supervisor.Options{Kernel: k, Observer: w, Services: []config.Service{config.NewService("web", "/svc/web")}}).Run()
	require.NoError(t, r.Err)
	assert.Equal(t, syscall.SIGTERM, r.Signal)
	assert.Less(t, k.Now(), time.Second+100*time.Millisecond)
	assert.Empty(t, w.all, "nothing is started")
	assert.Len(t, k.Processes(), 2, "init and gosv")
	names, err := k.ReadDir("/sys/fs/cgroup")
	require.NoError(t, err)
	assert.NotContains(t, names, "gosv")
	assert.Zero(t, k.Descriptors())
}

// changes keeps what changed.
type changes struct {
	supervisor.Nobody
	all []supervisor.Change
}

func (c *changes) Changed(one supervisor.Change) { c.all = append(c.all, one) }
