package fakesys_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys"
)

func (m *machine) proc(pid int, file string) (string, error) {
	text, err := m.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	return string(text), err
}

func TestProcOfALivingProcess(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	m.pass(1234 * time.Millisecond)
	req := m.request("on USR1 {}; ignore HUP; fork {sleep forever}; sleep forever")
	req.Env = []string{"A=b", "GOSV_INVOCATION=c d"}
	req.Stdout = endless()
	c := m.result(req).Child
	m.pass(time.Second)

	stat, err := m.proc(c.Pid, "stat")
	require.NoError(t, err)
	fields := strings.Fields(stat)
	require.Len(t, fields, 52)
	assert.Equal(t, fmt.Sprintf("%d (testproc) S %d %d %d 0 -1", c.Pid, m.Pid(), c.Pid, m.Pid()), strings.Join(fields[:8], " "))
	assert.Equal(t, "10123", fields[21], "100 s of uptime, and 1.23 s")

	status, err := m.proc(c.Pid, "status")
	require.NoError(t, err)
	for _, line := range []string{"Name:\ttestproc\n", "State:\tS (sleeping)\n", fmt.Sprintf("PPid:\t%d\n", m.Pid()), "VmRSS:\t    4096 kB\n",
		"SigBlk:\t0000000000000000\n", "SigIgn:\t0000000000000001\n", "SigCgt:\t0000000000000200\n"} {
		assert.Contains(t, status, line)
	}
	environ, err := m.proc(c.Pid, "environ")
	require.NoError(t, err)
	assert.Equal(t, "A=b\x00GOSV_INVOCATION=c d\x00", environ)
	child := m.children(c.Pid)[0].Pid
	inherited, err := m.proc(child, "environ")
	require.NoError(t, err)
	assert.Equal(t, environ, inherited)
	cmdline, err := m.proc(c.Pid, "cmdline")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(cmdline, fakesys.TestprocPath+"\x00testproc\x00on USR1"))

	dir := fmt.Sprintf("/proc/%d", c.Pid)
	entries, err := m.ReadDir(dir + "/fd")
	require.NoError(t, err)
	names := sys.EntryNames(entries)
	assert.Equal(t, []string{"0", "1", "2"}, names)
	var targets []string
	for _, name := range append(names, "../exe", "../cwd") {
		to, err := m.Readlink(strings.Replace(dir+"/fd/"+name, "fd/../", "", 1))
		require.NoError(t, err)
		targets = append(targets, to)
	}
	assert.Equal(t, []string{"/dev/null", "pipe:[10001]", "/dev/null", fakesys.TestprocPath, "/"}, targets)
	entries, err = m.ReadDir("/proc")
	require.NoError(t, err)
	assert.Subset(t, sys.EntryNames(entries), []string{"self", fmt.Sprint(c.Pid), fmt.Sprint(child), "1"})
	self, err := m.Readlink("/proc/self")
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(m.Pid()), self)
}

func TestProcOfAZombie(t *testing.T) {
	m := newMachine(t, fakesys.Options{})
	c := m.start("exit 3")
	m.pass(time.Second)
	stat, err := m.proc(c.Pid, "stat")
	require.NoError(t, err)
	assert.Contains(t, stat, ") Z ")
	assert.True(t, strings.HasSuffix(stat, " 768\n"), "the exit status, as wait(2) gives it")
	status, err := m.proc(c.Pid, "status")
	require.NoError(t, err)
	assert.NotContains(t, status, "VmRSS")
	for file, want := range map[string]error{"cmdline": nil, "maps": nil, "environ": syscall.ESRCH, "smaps_rollup": syscall.ESRCH} {
		text, err := m.proc(c.Pid, file)
		assert.Equal(t, want, err, file)
		assert.Empty(t, text, file)
	}
	_, err = m.Readlink(fmt.Sprintf("/proc/%d/exe", c.Pid))
	assert.ErrorIs(t, err, syscall.ENOENT)
	names, err := m.ReadDir(fmt.Sprintf("/proc/%d/fd", c.Pid))
	require.NoError(t, err)
	assert.Empty(t, names)

	m.end(c)
	_, err = m.proc(c.Pid, "stat")
	assert.ErrorIs(t, err, syscall.ENOENT)
	_, err = m.ReadDir(fmt.Sprintf("/proc/%d/fd", c.Pid))
	assert.ErrorIs(t, err, syscall.ENOENT)
}

func TestMountinfoOfEachLayout(t *testing.T) {
	mounts := func(o fakesys.Options) string {
		text, err := fakesys.New(o).ReadFile("/proc/self/mountinfo")
		require.NoError(t, err)
		return string(text)
	}
	assert.NotContains(t, mounts(fakesys.Options{}), "cgroup2")
	assert.Contains(t, mounts(fakesys.Options{Cgroups: &fakesys.Cgroups{}}), " / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:7 - cgroup2 ")
	hybrid := mounts(fakesys.Options{Cgroups: &fakesys.Cgroups{Mount: "/sys/fs/cgroup/unified", ReadOnly: true}})
	assert.Contains(t, hybrid, " / /sys/fs/cgroup/unified ro,nosuid")
	assert.Contains(t, hybrid, " - cgroup cgroup rw,memory")
}

// A number that comes again within one tick has a later start all the same.
func TestPIDAndStartTimeIdentifyAProcess(t *testing.T) {
	m := newMachine(t, fakesys.Options{PidMax: 12})
	seen := map[string]bool{}
	for range 20 {
		c := m.start("exit 0")
		m.pass(0)
		m.end(c)
		m.Close(c.Handle)
		c = m.start("sleep forever")
		stat, err := m.proc(c.Pid, "stat")
		require.NoError(t, err)
		id := fmt.Sprint(c.Pid, " ", strings.Fields(stat)[21])
		assert.False(t, seen[id], id)
		seen[id] = true
		require.NoError(t, m.Signal(c.Handle, syscall.SIGKILL))
		m.end(c)
		m.Close(c.Handle)
	}
}
