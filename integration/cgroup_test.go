package integration

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachStartGetsItsOwnCgroup(t *testing.T) {
	t.Parallel()
	needsCgroups(t)
	g := supervise(t, "require", sleeper("a"), testproc("b", "fork {sleep forever}; print ready; sleep forever"))
	g.prints("b | ready")
	leafOf := func(name string, n int) string {
		leaf, err := cgroupOf(g.started(name, n))
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(leaf, g.dir+"/"), "%s lies below gosv's own %s", leaf, g.dir)
		return leaf
	}
	a, b := leafOf("a", 1), leafOf("b", 1)
	assert.NotEqual(t, a, b)
	assert.Equal(t, 1, strings.Count(cgroupFile(t, a, "cgroup.procs"), "\n"))
	assert.Equal(t, 2, strings.Count(cgroupFile(t, b, "cgroup.procs"), "\n"), "the child is in it too")
	own, err := cgroupOf(g.pid)
	require.NoError(t, err)
	assert.Equal(t, "supervisor", path.Base(own), "gosv made a group for itself")

	kill(t, g.started("b", 1), syscall.SIGKILL)
	assert.NotEqual(t, b, leafOf("b", 2), "the next incarnation has a fresh one")
	eventually(t, "the old one to be removed", func() bool { _, err := os.Stat(b); return os.IsNotExist(err) })
	assert.DirExists(t, a)
	g.stop()
	assert.Empty(t, dirs(g.dir))
}

// lacksMemory skips the test where cgroup v2 has the memory controller.
func lacksMemory(t *testing.T) {
	t.Helper()
	if strings.Contains(cgroupFile(t, needsCgroups(t), "cgroup.controllers"), "memory") {
		t.Skip("this machine's cgroup v2 has the memory controller: limits can be had")
	}
}

func TestUnavailableLimitIsAWarning(t *testing.T) {
	t.Parallel()
	lacksMemory(t)
	g := supervise(t, "auto", sleeper("a").with("memory_mb", 64), sleeper("b"), sleeper("c").with("memory_mb", 64))
	kill(t, g.started("a", 1), syscall.SIGKILL)
	g.started("a", 2)
	g.started("c", 1)
	warnings := g.of("", "memory")
	if assert.Len(t, warnings, 1, "it is said once, not of every service and at every start") {
		assert.Equal(t, "WARN", warnings[0].Level)
		assert.Regexp(t, `^memory_mb \(a, c\) is not in force: the memory controller `, warnings[0].Msg)
	}
	for _, name := range []string{"a", "b", "c"} {
		assert.Empty(t, g.of(name, "memory"))
	}
	g.stop()
}

func TestCheckWarnsOfUnavailableLimitInTheSameWords(t *testing.T) {
	t.Parallel()
	lacksMemory(t)
	services := []service{sleeper("a").with("memory_mb", 64), sleeper("b")}
	g := supervise(t, "auto", services...)
	want := g.says("", "not in force", 1).Msg
	g.stop()

	check := func(mode string, status int, summary string) string {
		g := launch{args: []string{"check", configFile(t, mode, services...)}}.start(t)
		assert.Equal(t, status, g.status())
		assert.Contains(t, g.stdout(), summary)
		return g.stderr() // cleanUp checks that no cgroup is left
	}
	assert.Contains(t, check("auto", 0, "2 services, 1 warning\n"), "services.json: warning: "+want+"\n")
	assert.Contains(t, check("require", 78, "2 services, 0 warnings, 1 error\n"), `cannot be started ("cgroup": "require"): `+want+"\n")
}

func TestUnavailableLimitIsAnErrorWhenRequired(t *testing.T) {
	t.Parallel()
	lacksMemory(t)
	g := supervise(t, "require", sleeper("a").with("memory_mb", 64), program("b", "sh", "-c", "exit 0").with("restart", "on-failure"))
	assert.Equal(t, 1, g.status())
	if failed := g.of("a", "failed: "); assert.Len(t, failed, 1) {
		assert.Contains(t, failed[0].Msg, "memory_mb")
	}
	assert.Empty(t, g.of("a", "started"), "it never ran without its limit")
	assert.Empty(t, g.of("a", "restart"), "trying again would not help")
	assert.Len(t, g.of("b", "ended: exit status 0"), 1)
}

func TestLimitWithoutCgroupsIsAWarning(t *testing.T) {
	t.Parallel()
	g := supervise(t, "off", sleeper("a").with("pids_max", 10))
	g.started("a", 1)
	g.says("", "pids_max (a) is not in force: the configuration has cgroups off", 1)
	g.stop()
}

// Some kernels kill each process that is spawned below a cgroup whose cgroup.kill
// was written before.
func TestGosvWorksInACgroupThatWasKilledBefore(t *testing.T) {
	t.Parallel()
	dir := needsCgroups(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0))
	config := configFile(t, "require", testproc("a", "fork {ignore TERM; sleep forever}; print ready; sleep forever").with("stop_timeout", "100ms"), sleeper("b"))
	g := launch{
		via:  []string{"sh", "-c", `echo $$ > "$0"/cgroup.procs && exec "$@"`, dir},
		args: []string{"--config", config},
	}.start(t)
	g.prints("a | ready")
	first := g.started("a", 1)
	leaf, err := cgroupOf(first)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(leaf, dir+"/"), "%s is below %s, however it came there", leaf, dir)
	_, members := processesOf(t, first)
	assert.Len(t, members, 2)

	kill(t, first, syscall.SIGKILL)
	g.started("a", 2)
	for _, pid := range members {
		assert.False(t, alive(pid))
	}
	g.stop()
	assert.Empty(t, dirs(dir))
}

func TestTwoGosvsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	cgroup := needsCgroups(t)
	start := func() *gosv {
		return launch{cgroup: cgroup, args: []string{"--config", configFile(t, "require", sleeper("a"))}}.start(t)
	}
	one := start()
	one.started("a", 1)
	two := start()
	pid := two.started("a", 1)
	one.stop()
	assert.True(t, alive(pid))
	two.stop()
}
