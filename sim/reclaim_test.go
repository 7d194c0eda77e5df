package sim_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/sys"
)

// words keeps what a supervisor says.
type words struct {
	supervisor.NopObserver
	said []supervisor.Event
}

func (w *words) Event(_ time.Duration, e supervisor.Event) { w.said = append(w.said, e) }

// supervise runs one service; it may be killed while it does.
func supervise(k *fakesys.Kernel, w *words) (killed bool) {
	return supervises(k, w, "fork {setsid; ignore TERM; sleep forever}; sleep forever")
}

func supervises(k *fakesys.Kernel, w *words, script string) (killed bool) {
	svc := config.NewService("web", fakesys.TestprocPath, "testproc", script)
	svc.StopTimeout = 100 * time.Millisecond
	defer func() {
		if r := recover(); r != nil {
			if _, killed = r.(*fakesys.Crashed); !killed {
				panic(r)
			}
		}
	}()
	supervisor.New(supervisor.Options{
		Kernel: k, Observer: w, Cgroup: config.CgroupRequire, Services: []config.Service{svc},
		Output: func(string) (sys.Sink, sys.Sink) { return nil, nil },
	}).Run()
	return false
}

func servicesOf(k *fakesys.Kernel) (pids []int) {
	for _, p := range k.Processes() {
		if p.Path == fakesys.TestprocPath && p.State != 'Z' {
			pids = append(pids, p.Pid)
		}
	}
	return pids
}

// A group below the root that has controllers is left out: the kernel lets no
// process begin there while a dead gosv's are enabled.
func TestASecondLifeReclaimsTheFirst(t *testing.T) {
	all := []string{"cpu", "memory", "pids"}
	for name, group := range map[string]fakesys.Cgroups{
		"root":           {Delegated: "/", Controllers: all},
		"delegated":      {Delegated: "/user", Own: "/user/me"},
		"killed at once": {Delegated: "/user", Own: "/user/me", KillBug: true},
		"no cgroup.kill": {Delegated: "/", Controllers: all, NoKillFile: true},
	} {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: &group})
			k.At(time.Second, "kill -9", func() { k.SignalSelf(syscall.SIGKILL) })
			first := &words{}
			require.True(t, supervise(k, first))
			old := servicesOf(k)
			require.Len(t, old, 2, "what it ran, runs")

			next := k.Crash()
			var now []int
			next.At(next.Now()+time.Second, "look", func() { now = servicesOf(next) })
			next.At(next.Now()+2*time.Second, "TERM", func() { next.SignalSelf(syscall.SIGTERM) })
			second := &words{}
			require.False(t, supervise(next, second))
			assert.Len(t, now, 2, "one generation, not two")
			assert.NotSubset(t, old, now)
			killed := reported[supervisor.StaleKilled](second.said)
			require.Len(t, killed, 1)
			assert.Len(t, killed[0].PIDs, 1, "the one that ignores the stop signal")
			stopped := reported[supervisor.StaleStopping](second.said)
			require.Len(t, stopped, 1)
			assert.Equal(t, old, stopped[0].PIDs)
			assert.Equal(t, 100*time.Millisecond, stopped[0].Grace, "like any stop")
			assert.Empty(t, reported[supervisor.ReclaimFailed](second.said))
			assert.Empty(t, servicesOf(next))
			assert.Zero(t, next.Descriptors())
			entries, err := next.ReadDir("/sys/fs/cgroup" + group.Own)
			require.NoError(t, err)
			assert.NotContains(t, strings.Join(sys.EntryNames(entries), " "), "gosv")
		})
	}
}

// What is left cannot be killed, or cannot even be looked for: gosv waits, and says so.
// Whoever tells it to end meanwhile is obeyed.
func TestAGosvThatReclaimsCanBeToldToEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		faults fakesys.Faults
		says   supervisor.Event
	}{
		"what does not die": {fakesys.Faults{}, supervisor.StaleStopping{Path: "/sys/fs/cgroup/gosv", PIDs: []int{12}, Grace: 100 * time.Millisecond}},
		"what cannot be seen": {fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpReadDir, Rate: 1, Errnos: []syscall.Errno{syscall.EMFILE}}}},
			supervisor.ShutdownStarted{Signal: syscall.SIGTERM, Services: 1}},
	} {
		within := 100 * time.Millisecond
		if name == "what does not die" {
			within += 100*time.Millisecond + 5*time.Second // its grace, and the wait for KILL
		}
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
			k.At(time.Second, "kill -9", func() { k.SignalSelf(syscall.SIGKILL) })
			require.True(t, supervises(k, &words{}, "block forever"))

			next, second := k.Crash(), &words{}
			next.SetFaults(tt.faults)
			exitReported := next.Now() + time.Second
			next.At(exitReported, "TERM", func() { next.SignalSelf(syscall.SIGTERM) })
			require.False(t, supervises(next, second, "block forever"))
			assert.Less(t, next.Now()-exitReported, within)
			assert.Len(t, servicesOf(next), 1, "nothing was started")
			assert.Contains(t, second.said, tt.says)
			assert.Zero(t, next.Descriptors())
		})
	}
}

// What does not die is left behind, and the services are started beside it.
func TestWhatCannotBeReclaimedIsSaidToLive(t *testing.T) {
	k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
	k.At(time.Second, "kill -9", func() { k.SignalSelf(syscall.SIGKILL) })
	require.True(t, supervises(k, &words{}, "block forever"))

	next, second := k.Crash(), &words{}
	next.At(next.Now()+10*time.Second, "TERM", func() { next.SignalSelf(syscall.SIGTERM) })
	require.False(t, supervises(next, second, "sleep forever"))
	failed := reported[supervisor.ReclaimFailed](second.said)
	require.Len(t, failed, 1)
	assert.EqualError(t, failed[0].Err, "something in it does not die")
}

// Whenever a gosv is killed, the next one leaves nothing of either. The next one
// is killed too, while it reclaims the first.
func TestALifeThatEndsAtAnyCallIsReclaimed(t *testing.T) {
	all := []string{"cpu", "memory", "pids"}
	for step, whole := 1, false; !whole; step++ {
		k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: all}})
		over := false
		k.OnStep(func() {
			if n := k.Steps(); !over && (n == step || n == 2*step) {
				k.SignalSelf(syscall.SIGKILL)
			}
		})
		lives := 1
		for ; lifeIsCutShort(k); lives++ {
			k = k.Crash()
		}
		over, whole = true, lives == 1
		require.LessOrEqual(t, lives, 3)
		require.Empty(t, servicesOf(k), "killed at step %d", step)
		entries, err := k.ReadDir("/sys/fs/cgroup")
		require.NoError(t, err)
		require.NotContains(t, strings.Join(sys.EntryNames(entries), " "), "gosv", "killed at step %d", step)
		require.Zero(t, k.Descriptors(), "killed at step %d", step)
	}
}

// lifeIsCutShort runs a gosv that would be told to end soon, and reports whether it
// was killed, be it in its last call.
func lifeIsCutShort(k *fakesys.Kernel) bool {
	living, pid := true, k.Pid()
	k.At(k.Now()+200*time.Millisecond, "TERM", func() {
		if living {
			k.SignalSelf(syscall.SIGTERM)
		}
	})
	supervise(k, &words{})
	_, living = k.Process(pid)
	return !living
}

// TestGosvIsNotReclaimedAlive cannot make a cgroup for services, and has no way back out of its own: it stays
// there and does without. As long as it lives its lock says so to other gosvs.
func TestGosvIsNotReclaimedAlive(t *testing.T) {
	inside := false
	k := grouped(fakesys.Cgroups{}, fakesys.Faults{Hook: func(op fakesys.Op, target string) syscall.Errno {
		inside = inside || op == fakesys.OpMkdir && target == "+probe"
		if inside && (op == fakesys.OpMkdir || op == fakesys.OpWriteFile) {
			return syscall.EPERM
		}
		return 0
	}})
	k.At(30*time.Second, "another gosv looks", func() {
		assert.ErrorIs(t, k.Lock("/sys/fs/cgroup/gosv"), syscall.EWOULDBLOCK)
	})
	k.At(time.Minute, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	k.AddProgram("/svc/web", "sleep forever")
	seen := &noticing{}
	r := supervisor.New(supervisor.Options{Kernel: k, Observer: seen, Services: []config.Service{config.NewService("web", "/svc/web")}}).Run()
	assert.True(t, r.Shutdown)
	assert.GreaterOrEqual(t, k.Now(), time.Minute, "it lived: %q", seen.notices)
	assert.Equal(t, 1, k.HeldLocks(), "only the end of the process releases the lock: gosv is still in the directory")
}
