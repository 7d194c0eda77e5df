package fakesys_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

// Each of these found a planted bug (bugs/fakesys) that nothing else here found.

func TestAbortBeforeForkKillsChild(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	req := m.request("sleep forever")
	m.Spawn(req)
	m.Abort(req.ID)
	m.pass(time.Second)
	results := m.Spawned()
	require.Len(t, results, 1)
	require.NoError(t, results[0].Err)
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(results[0].Child))
}

func TestCONTRemovesPendingStops(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("sleep forever")
	for _, sig := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGCONT} {
		require.NoError(t, m.Signal(c.Handle, sig))
		m.pass(time.Second)
	}
	assert.Equal(t, byte('S'), m.state(c.Pid))
}

func TestLastPATHCounts(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	m.AddProgram("/b/tool", "exit 2")
	m.AddDir("/a")
	req := m.request("")
	req.Path, req.Env = "tool", []string{"PATH=/a", "PATH=/b"}
	r := m.result(req)
	require.NoError(t, r.Err)
	assert.Equal(t, sys.Status{Code: 2}, m.end(r.Child))
}

func TestCgroupIsPopulatedAndKilledWithDescendants(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	require.NoError(t, m.Mkdir(mount+"/box/inner"))
	c := m.startIn("/box/inner", "sleep forever")
	assert.Contains(t, m.read("/box/cgroup.events"), "populated 1\n")
	require.NoError(t, m.write("/box/cgroup.kill", "1"))
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(c))
	assert.Contains(t, m.read("/box/cgroup.events"), "populated 0\n")
}

func TestSomeSignalsDumpCore(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	for sig, core := range map[syscall.Signal]bool{syscall.SIGSEGV: true, syscall.SIGQUIT: true, syscall.SIGTERM: false} {
		c := m.start("sleep forever")
		require.NoError(t, m.Signal(c.Handle, sig))
		assert.Equal(t, sys.Status{Signal: sig, Core: core}, m.end(c))
	}
}

func TestSignalToGosvIsPendingOnce(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	for range 3 {
		m.SignalSelf(syscall.SIGTERM)
	}
	assert.Equal(t, []syscall.Signal{syscall.SIGTERM}, m.Signals())
	assert.Empty(t, m.Signals())
}

func TestWatchReportsEveryChange(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	id, err := m.Watch(mount + "/box/cgroup.events")
	require.NoError(t, err)
	for _, freeze := range []string{"1", "0", "1"} {
		require.NoError(t, m.write("/box/cgroup.freeze", freeze))
		m.Wait(m.Now() + time.Second)
		assert.Equal(t, []sys.WatchID{id}, m.Changed())
	}
}
