package sim_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	. "github.com/gosv/gosv/sim"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
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
	entries, err := k.ReadDir("/sys/fs/cgroup")
	require.NoError(t, err)
	assert.NotContains(t, sys.EntryNames(entries), "gosv")
	assert.Zero(t, k.Descriptors())
}

// changes keeps what changed.
type changes struct {
	supervisor.NopObserver
	all []supervisor.Change
}

func (c *changes) Changed(one supervisor.Change) { c.all = append(c.all, one) }

// One EMFILE or ENOMEM while gosv sets up its cgroups would have cost it these for
// life.
func TestWhatTheMachineLacksForAMomentDoesNotCostTheCgroups(t *testing.T) {
	for name, at := range map[string]struct {
		op     fakesys.Op
		target string
		errno  syscall.Errno
		times  int
	}{
		"its own cgroup cannot be read": {fakesys.OpReadFile, "mountinfo", syscall.EMFILE, 1},
		"no memory for the directory":   {fakesys.OpMkdir, "gosv", syscall.ENOMEM, 3},
		"nor for its own":               {fakesys.OpMkdir, "supervisor", syscall.ENOMEM, 2},
		"nor for the probe of a birth":  {fakesys.OpMkdir, "+probe", syscall.ENOMEM, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := Scenario{
				Machine: fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{
					Hook: func(op fakesys.Op, target string) syscall.Errno {
						if op == at.op && target == at.target && at.times > 0 {
							at.times--
							return at.errno
						}
						return 0
					}}},
				Services: []Service{NewService("web", Healthy)},
				HealAt:   10 * time.Second, EndAt: 10 * time.Second,
			}
			r := holds(t, s)
			assert.Zero(t, at.times)
			assert.Contains(t, r.Trace, `mkdir "/sys/fs/cgroup/gosv/web/1"`)
		})
	}
}

// A machine that lacks it for long is done without.
func TestWhatTheMachineLacksForLongIsDoneWithout(t *testing.T) {
	s := Scenario{
		Machine: fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}, Faults: &fakesys.Faults{
			Hook: func(op fakesys.Op, target string) syscall.Errno {
				if op == fakesys.OpMkdir {
					return syscall.ENOMEM
				}
				return 0
			}}},
		Services: []Service{NewService("web", Healthy)},
		HealAt:   time.Minute, EndAt: time.Minute,
	}
	r := holds(t, s)
	assert.NotContains(t, r.Trace, `mkdir "/sys/fs/cgroup/gosv/web/1"`)
	if assert.NotEmpty(t, r.Changes) {
		assert.InDelta(t, 5, r.Changes[0].At.Seconds(), 1)
	}
}

// Who requires cgroups is told why there are none.
func TestCgroupsThatAreRequiredAndMissingAreAnError(t *testing.T) {
	for name, group := range map[string]*fakesys.Cgroups{"no cgroup v2 file system is mounted": nil, "read-only": {Delegated: "/", ReadOnly: true}} {
		k := fakesys.New(fakesys.Options{Cgroups: group})
		r := supervisor.New(supervisor.Options{Kernel: k, Cgroup: config.CgroupRequire, Services: []config.Service{config.NewService("web", "/svc/web")}}).Run()
		require.ErrorContains(t, r.Err, "machine has none to give: ")
		assert.ErrorContains(t, r.Err, name)
	}
}

// What an operator says is told even if the service stays in its phase: a kill of one that
// has its grace.
func TestAKillDuringTheGraceIsTold(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "ignore TERM; block 5s; sleep forever")
	exitReported := &changes{}
	s := supervisor.New(supervisor.Options{Kernel: k, Observer: exitReported, Services: []config.Service{config.NewService("web", "/svc/web")}})
	for at, kind := range map[time.Duration]lifecycle.Kind{time.Second: lifecycle.Stop, 2 * time.Second: lifecycle.Kill} {
		k.At(at, "operator", func() { assert.NoError(t, s.Post(supervisor.Command{Kind: kind, Service: "web"})) })
	}
	k.At(10*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	s.Run()
	var causes []lifecycle.Kind
	for _, c := range exitReported.all {
		causes = append(causes, c.Cause)
	}
	assert.Equal(t, []lifecycle.Kind{lifecycle.Start, lifecycle.Spawned, lifecycle.Stop, lifecycle.Kill, lifecycle.MainExited}, causes)
}
