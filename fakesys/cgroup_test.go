package fakesys_test

import (
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

const mount = "/sys/fs/cgroup"

var everyController = []string{"memory", "cpu", "pids"}

// rooted is a machine whose gosv may write everywhere, with a group /box that
// has every controller.
func rooted(t *testing.T, o fakesys.Cgroups) *machine {
	t.Helper()
	o.Controllers, o.Delegated = everyController, "/"
	m := newMachine(t, fakesys.Options{Cgroups: &o})
	require.NoError(t, m.WriteFile(mount+"/cgroup.subtree_control", []byte("+memory +cpu +pids")))
	require.NoError(t, m.Mkdir(mount+"/box"))
	return m
}

func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := m.ReadFile(mount + name)
	require.NoError(m.t, err)
	return string(text)
}

func (m *machine) write(name, text string) error {
	return m.WriteFile(mount+name, []byte(text))
}

func (m *machine) startIn(group, script string) sys.Child {
	m.t.Helper()
	req := m.request(script)
	req.Cgroup = mount + group
	r := m.result(req)
	require.NoError(m.t, r.Err)
	return r.Child
}

func TestLimitReadsBackAsKernelShowsIt(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	for _, c := range []struct {
		file, write, read string
		errno             syscall.Errno
	}{
		{"memory.max", "1000000\n", "999424\n", 0},
		{"memory.max", "2M", "2097152\n", 0},
		{"memory.max", "max", "max\n", 0},
		{"memory.max", "lots", "max\n", syscall.EINVAL},
		{"memory.max", "-1", "max\n", syscall.EINVAL},
		{"memory.high", "8k", "8192\n", 0},
		{"memory.oom.group", "1", "1\n", 0},
		{"memory.oom.group", "2", "1\n", syscall.EINVAL},
		{"cpu.max", "50000 100000", "50000 100000\n", 0},
		{"cpu.max", "max", "max 100000\n", 0},
		{"cpu.max", "max 2000", "max 2000\n", 0},
		{"cpu.max", "999", "max 2000\n", syscall.EINVAL},
		{"cpu.max", "5000 2000000", "max 2000\n", syscall.EINVAL},
		{"cpu.max", "1 2 3", "max 2000\n", syscall.EINVAL},
		{"cpu.weight", "10000", "10000\n", 0},
		{"cpu.weight", "0", "10000\n", syscall.ERANGE},
		{"cpu.weight", "much", "10000\n", syscall.EINVAL},
		{"pids.max", "7", "7\n", 0},
		{"pids.max", "-1", "7\n", syscall.EINVAL},
		{"cgroup.freeze", "2", "0\n", syscall.ERANGE},
		{"cgroup.max.depth", "3", "3\n", 0},
	} {
		err := m.write("/box/"+c.file, c.write)
		if c.errno == 0 {
			assert.NoError(t, err, "%s %q", c.file, c.write)
		} else {
			assert.ErrorIs(t, err, c.errno, "%s %q", c.file, c.write)
		}
		assert.Equal(t, c.read, m.read("/box/"+c.file), "%s %q", c.file, c.write)
	}
	assert.ErrorIs(t, m.write("/box/cgroup.kill", "2"), syscall.ERANGE)
	assert.ErrorIs(t, m.write("/box/cgroup.events", "1"), syscall.EINVAL)
	_, err := m.ReadFile(mount + "/box/cgroup.kill")
	assert.ErrorIs(t, err, syscall.EINVAL)
}

func TestControllersComeFromParent(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	assert.Equal(t, "cpu memory pids\n", m.read("/box/cgroup.controllers"))
	require.NoError(t, m.Mkdir(mount+"/box/leaf"))
	_, err := m.ReadFile(mount + "/box/leaf/memory.max")
	assert.ErrorIs(t, err, syscall.ENOENT)
	require.NoError(t, m.write("/box/cgroup.subtree_control", "+memory"))
	assert.Equal(t, "max\n", m.read("/box/leaf/memory.max"))
	assert.ErrorIs(t, m.write("/box/leaf/cgroup.subtree_control", "+pids"), syscall.ENOENT)
	assert.ErrorIs(t, m.write("/box/cgroup.subtree_control", "+petrol"), syscall.EINVAL)
	assert.ErrorIs(t, m.write("/box/cgroup.subtree_control", "+io"), syscall.ENOENT)
	require.NoError(t, m.write("/box/leaf/cgroup.subtree_control", "+memory"))
	assert.ErrorIs(t, m.write("/box/cgroup.subtree_control", "-memory"), syscall.EBUSY)
}

func TestNoProcessInInnerCgroup(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	c := m.startIn("/box", "sleep forever")
	assert.ErrorIs(t, m.write("/box/cgroup.subtree_control", "+memory"), syscall.EBUSY)
	assert.NoError(t, m.write("/box/cgroup.subtree_control", "+pids"), "a threaded controller, and no populated child")
	require.NoError(t, m.write("/box/cgroup.subtree_control", "-pids"))
	require.NoError(t, m.Mkdir(mount+"/box/leaf"))
	require.NoError(t, m.write("/box/leaf/cgroup.procs", strconv.Itoa(c.Pid)))
	require.NoError(t, m.write("/box/cgroup.subtree_control", "+memory"))
	assert.ErrorIs(t, m.write("/box/cgroup.procs", strconv.Itoa(c.Pid)), syscall.EBUSY)
	req := m.request("exit 0")
	req.Cgroup = mount + "/box"
	err := m.result(req).Err
	assert.ErrorIs(t, err, syscall.EBUSY)
	assert.Equal(t, sys.StepCgroup, err.(*sys.SpawnError).Step)
}

func TestThreadedGroups(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	require.NoError(t, m.Mkdir(mount+"/box/threads"))
	require.NoError(t, m.Mkdir(mount+"/box/beside"))
	require.NoError(t, m.write("/box/threads/cgroup.type", "threaded"))
	assert.Equal(t, "threaded\n", m.read("/box/threads/cgroup.type"))
	assert.Equal(t, "domain threaded\n", m.read("/box/cgroup.type"))
	assert.Equal(t, "domain invalid\n", m.read("/box/beside/cgroup.type"))
	_, err := m.ReadFile(mount + "/box/threads/cgroup.procs")
	assert.ErrorIs(t, err, syscall.EOPNOTSUPP)
	req := m.request("exit 0")
	req.Cgroup = mount + "/box/beside"
	assert.ErrorIs(t, m.result(req).Err, syscall.EOPNOTSUPP)
}

func TestPidsMaxRefusesForks(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	require.NoError(t, m.write("/box/pids.max", "2"))
	c := m.startIn("/box", "fork {sleep forever}; sleep 1s; fork {exit 0}; exit 0")
	assert.Equal(t, sys.Status{Code: 98}, m.end(c))
	assert.Equal(t, "max 1\n", m.read("/box/pids.events"))
	require.NoError(t, m.write("/box/pids.max", "0"))
	req := m.request("exit 0")
	req.Cgroup = mount + "/box"
	err := m.result(req).Err
	assert.ErrorIs(t, err, syscall.EAGAIN)
	assert.Equal(t, sys.StepFork, err.(*sys.SpawnError).Step)
	assert.Equal(t, "1\n", m.read("/box/pids.current"))
}

func TestZombiesDoNotKeepCgroupButCountAsPids(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	c := m.startIn("/box", "exit 0")
	m.pass(time.Second)
	assert.Equal(t, byte('Z'), m.state(c.Pid))
	assert.Empty(t, m.read("/box/cgroup.procs"))
	assert.Equal(t, "populated 0\nfrozen 0\n", m.read("/box/cgroup.events"))
	assert.Equal(t, "1\n", m.read("/box/pids.current"))
	require.NoError(t, m.Rmdir(mount+"/box"))
	text, err := m.ReadFile("/proc/" + strconv.Itoa(c.Pid) + "/cgroup")
	require.NoError(t, err)
	assert.Equal(t, "0::/box (deleted)\n", string(text))
	m.end(c)
}

func TestFrozenProcesses(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	plain, deaf := m.startIn("/box", "sleep forever"), m.startIn("/box", "on TERM {exit 5}; sleep forever")
	stuck := m.startIn("/box", "block 10s; sleep forever")
	m.pass(time.Second)
	require.NoError(t, m.write("/box/cgroup.freeze", "1"))
	assert.Contains(t, m.read("/box/cgroup.events"), "frozen 0", "one is in uninterruptible sleep")
	for _, c := range []sys.Child{plain, deaf} {
		require.NoError(t, m.Signal(c.Handle, syscall.SIGTERM))
	}
	m.pass(10 * time.Second)
	assert.Contains(t, m.read("/box/cgroup.events"), "frozen 1")
	assert.Equal(t, byte('Z'), m.state(plain.Pid), "the default action needs no thaw")
	assert.Equal(t, byte('S'), m.state(deaf.Pid), "a handler does")
	require.NoError(t, m.write("/box/cgroup.freeze", "0"))
	assert.Equal(t, sys.Status{Code: 5}, m.end(deaf))
	require.NoError(t, m.write("/box/cgroup.freeze", "1"))
	require.NoError(t, m.write("/box/cgroup.kill", "1"))
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(stuck))
	assert.Contains(t, m.read("/box/cgroup.events"), "frozen 1", "it stays")
}

func TestTheKillBug(t *testing.T) {
	for _, bug := range []bool{false, true} {
		m := rooted(t, fakesys.Cgroups{KillBug: bug})
		require.NoError(t, m.write("/box/cgroup.kill", "1"))
		c := m.startIn("/box", "exit 7")
		assert.Equal(t, bug, m.end(c).Signal == syscall.SIGKILL)

		require.NoError(t, m.Rmdir(mount+"/box"))
		require.NoError(t, m.Mkdir(mount+"/box"))
		c = m.startIn("/box", "fork {exit 1}; wait; exit 7")
		assert.Equal(t, sys.Status{Code: 7}, m.end(c), "a fresh directory works")

		require.NoError(t, m.write("/box/cgroup.kill", "1"))
		moved := m.start("sleep 1s; exit 8")
		require.NoError(t, m.write("/box/cgroup.procs", strconv.Itoa(moved.Pid)))
		assert.Equal(t, sys.Status{Code: 8}, m.end(moved), "what is moved in lives")
	}
}

func TestTheOOMKiller(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	require.NoError(t, m.write("/box/memory.max", "64M"))
	watch, err := m.Watch(mount + "/box/memory.events")
	require.NoError(t, err)
	c := m.startIn("/box", "fork {sleep forever}; sleep forever")
	m.pass(time.Second)
	helper := m.children(c.Pid)[0].Pid
	m.SetMemory(helper, 100<<20)
	for m.Wait(sys.Never)&sys.WokeWatch == 0 {
	}
	assert.Equal(t, []sys.WatchID{watch}, m.Changed())
	assert.Equal(t, "low 0\nhigh 0\nmax 1\noom 1\noom_kill 1\noom_group_kill 0\n", m.read("/box/memory.events"))
	assert.Equal(t, byte('Z'), m.state(helper), "the helper dies")
	assert.NotEqual(t, byte('Z'), m.state(c.Pid), "the main process lives")

	require.NoError(t, m.write("/box/memory.oom.group", "1"))
	m.SetMemory(c.Pid, 65<<20)
	assert.Equal(t, sys.Status{Signal: syscall.SIGKILL}, m.end(c))
	assert.Contains(t, m.read("/box/memory.events"), "oom_group_kill 1")
}

func TestWithoutDelegation(t *testing.T) {
	m := newMachine(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Controllers: everyController, Enabled: everyController, Own: "/system/gosv", Delegated: "/system/gosv"}})
	assert.ErrorIs(t, m.Mkdir(mount+"/other"), syscall.EACCES)
	assert.ErrorIs(t, m.write("/system/gosv/memory.max", "1G"), syscall.EACCES, "its own limits are its parent's to set")
	require.NoError(t, m.Mkdir(mount+"/system/gosv/leaf"))
	require.NoError(t, m.write("/system/gosv/leaf/cgroup.procs", "0"))
	assert.ErrorIs(t, m.write("/system/cgroup.procs", "0"), syscall.EACCES)
	text, err := m.ReadFile("/proc/self/cgroup")
	require.NoError(t, err)
	assert.Equal(t, "0::/system/gosv/leaf\n", string(text))

	outside := newMachine(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Controllers: everyController, Delegated: "/mine"}})
	assert.ErrorIs(t, outside.Mkdir(mount+"/mine"), syscall.EACCES)
}

func TestLimitsOfTheTree(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	require.NoError(t, m.write("/box/cgroup.max.descendants", "2"))
	require.NoError(t, m.write("/box/cgroup.max.depth", "1"))
	require.NoError(t, m.Mkdir(mount+"/box/a"))
	assert.ErrorIs(t, m.Mkdir(mount+"/box/a/b"), syscall.EAGAIN)
	require.NoError(t, m.Mkdir(mount+"/box/c"))
	assert.ErrorIs(t, m.Mkdir(mount+"/box/d"), syscall.EAGAIN)
	assert.ErrorIs(t, m.Mkdir(mount+"/box/a"), syscall.EEXIST)
	assert.ErrorIs(t, m.Mkdir(mount+"/none/a"), syscall.ENOENT)
	assert.ErrorIs(t, m.Rmdir(mount+"/box"), syscall.EBUSY)
	assert.ErrorIs(t, m.Rmdir(mount), syscall.EBUSY)
}

func TestSpawnIntoRemovedCgroup(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	req := m.request("exit 0")
	req.Cgroup = mount + "/box"
	m.At(m.Now(), "a stranger removes the directory", func() { require.NoError(t, m.Rmdir(mount+"/box")) })
	err := m.result(req).Err
	assert.ErrorIs(t, err, syscall.ENOENT)
	assert.Equal(t, &sys.SpawnError{Step: sys.StepCgroup, Path: mount + "/box", Err: syscall.ENOENT}, err)
}

func TestExternalProcessMovesAProcess(t *testing.T) {
	m := rooted(t, fakesys.Cgroups{})
	c := m.startIn("/box", "sleep forever")
	require.NoError(t, m.Move(c.Pid, "/"))
	assert.Equal(t, "populated 0\nfrozen 0\n", m.read("/box/cgroup.events"))
	assert.ErrorIs(t, m.Move(c.Pid, "/nowhere"), syscall.ENOENT)
}
