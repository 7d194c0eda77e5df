package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// asUser starts gosv as a user other than root, who may not enter the test's
// directories: gosv gets the files that it needs as descriptors.
func asUser(t *testing.T, user int, cgroup, mode string, services ...service) *gosv {
	t.Helper()
	return asUserUnder(t, nil, user, cgroup, mode, services...)
}

// asUserUnder is asUser through a program that root runs, such as prlimit(1).
func asUserUnder(t *testing.T, via []string, user int, cgroup, mode string, services ...service) *gosv {
	t.Helper()
	setpriv, err := exec.LookPath("setpriv")
	if err != nil || os.Getuid() != 0 {
		t.Skip("to become another user takes root, and setpriv")
	}
	var given []*os.File
	for _, name := range []string{binary, configFile(t, mode, services...)} {
		file, err := os.Open(name)
		require.NoError(t, err)
		t.Cleanup(func() { _ = file.Close() })
		given = append(given, file)
	}
	id := itoa(user)
	return launch{
		instead: append(via, setpriv, "--reuid", id, "--regid", id, "--clear-groups", "/proc/self/fd/3", "--log-format", "json", "--config", "/proc/self/fd/4"),
		extra:   given, cgroup: cgroup,
	}.start(t)
}

// another is a service that changes its user, as a program with the set-user-ID bit
// can.
func another(t *testing.T, name string, user int) service {
	t.Helper()
	setpriv, err := exec.LookPath("setpriv")
	if err != nil || os.Getuid() != 0 {
		t.Skip("to make a program with the set-user-ID bit takes root, and setpriv")
	}
	text, err := os.ReadFile(setpriv)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "gosv-setuid-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	file := filepath.Join(dir, "setpriv")
	require.NoError(t, os.WriteFile(file, text, 0o755))
	require.NoError(t, os.Chmod(file, 0o755|os.ModeSetuid))
	id := itoa(user)
	return program(name, file, "--reuid", id, "--regid", id, "--clear-groups", "sleep", "1000")
}

// ownedBy creates a cgroup that a user may use.
func ownedBy(t *testing.T, user int) (dir string) {
	t.Helper()
	dir = needsCgroups(t)
	for _, name := range []string{"", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"} {
		require.NoError(t, os.Chown(filepath.Join(dir, name), user, user))
	}
	return dir
}

func TestServiceOfAnotherUserIsKilledByItsCgroup(t *testing.T) {
	t.Parallel()
	const user, other = 64123, 64124
	g := asUser(t, user, ownedBy(t, user), "require", another(t, "a", other).with("stop_timeout", "200ms"))
	pid := g.started("a", 1)
	eventually(t, "it to be another user's", func() bool {
		st := unix.Stat_t{}
		return unix.Stat("/proc/"+itoa(pid), &st) == nil && st.Uid == other && state(pid) == 'S'
	})
	text := g.dump()
	assert.Contains(t, text, "a: running")
	assert.Contains(t, text, "not shown: ", "what another user's /proc refuses is marked missing")
	assert.NotContains(t, text, "open file descriptors: 0")
	g.stop()
	assert.Contains(t, g.stderr(), "cannot send SIGTERM to process group "+itoa(pid)+": operation not permitted")
	assert.False(t, alive(pid))
}

func TestProcessWithoutItsFirstThreadHasNotExited(t *testing.T) {
	inBothModes(t, func(t *testing.T, mode string) {
		g := supervise(t, mode, testproc("a", "end-leader; print ready; sleep forever"), sleeper("b"))
		g.prints("a | ready")
		pid := g.started("a", 1)
		eventually(t, "the first thread to be a zombie", func() bool { return state(pid) == 'Z' })
		kill(t, g.started("b", 1), syscall.SIGKILL)
		g.started("b", 2) // so gosv has looked for exited processes
		assert.Contains(t, g.dump(), "a: running, pid "+itoa(pid)+",")
		assert.Empty(t, g.of("a", "exit status"))
		kill(t, pid, syscall.SIGKILL)
		g.says("a", "killed by SIGKILL", 1)
		g.started("a", 2)
		g.stop()
	})
}

// Only the command of gosv run can leave its process group: a service leads a session.
func TestMainProcessOutsideItsGroupIsSignalled(t *testing.T) {
	t.Parallel()
	perl, err := exec.LookPath("perl")
	if err != nil {
		t.Skip("there is no perl to call setpgid(2) with")
	}
	const leaves = `$| = 1; $SIG{TERM} = sub { print "bye\n"; exit 0 }; setpgrp(0, getpgrp(getppid())); print "left\n"; sleep 1 while 1`
	g := launch{args: []string{"run", "--", perl, "-e", leaves}}.start(t)
	g.prints("left")
	assert.ErrorIs(t, syscall.Kill(-g.started("perl", 1), 0), syscall.ESRCH, "the group is gone")
	g.stop()
	assert.Contains(t, g.stdout(), "bye\n")
}

func TestThreadedCgroupBelowAServiceIsRemoved(t *testing.T) {
	t.Parallel()
	needsCgroups(t)
	g := supervise(t, "require", sleeper("a"))
	pid := g.started("a", 1)
	leaf, err := cgroupOf(pid)
	require.NoError(t, err)
	below := filepath.Join(leaf, "threads")
	require.NoError(t, os.Mkdir(below, 0o755))
	if err := os.WriteFile(filepath.Join(below, "cgroup.type"), []byte("threaded"), 0); err != nil {
		require.NoError(t, os.Remove(below))
		t.Skipf("no cgroup can be made a threaded one here: %v", err)
	}
	_, err = os.ReadFile(filepath.Join(below, "cgroup.procs"))
	require.ErrorIs(t, err, syscall.EOPNOTSUPP)
	assert.Contains(t, g.dump(), "processes ["+itoa(pid)+"]")
	kill(t, pid, syscall.SIGKILL)
	g.started("a", 2)
	eventually(t, "the directory to be removed", func() bool { _, err := os.Stat(leaf); return os.IsNotExist(err) })
	g.stop()
}

func TestProcessMovedOutOfItsCgroupIsKilled(t *testing.T) {
	t.Parallel()
	away := needsCgroups(t)
	const ignoring = "ignore TERM; print ready; sleep forever"
	config := configFile(t, "require", testproc("a", "fork {"+ignoring+"}; fork {setsid; "+ignoring+"}; daemon {setsid; "+ignoring+"}; sleep forever"))
	g := launch{args: []string{"--config", config}}.start(t)
	eventually(t, "its family", func() bool { return strings.Count(g.stdout(), "a | ready\n") == 3 })
	first := g.started("a", 1)
	leaf, err := cgroupOf(first)
	require.NoError(t, err)
	var invocation string
	var members []int
	// The daemon's parent ends after the daemon has printed.
	eventually(t, "four processes", func() bool {
		invocation, members = processesOf(t, first)
		return len(members) == 4
	})
	for _, pid := range members {
		require.NoError(t, os.WriteFile(filepath.Join(away, "cgroup.procs"), []byte(itoa(pid)), 0))
	}
	eventually(t, "those that have ended to have left its cgroup", func() bool { return os.Remove(leaf) == nil })
	require.NoError(t, os.Remove(filepath.Dir(leaf)))

	kill(t, first, syscall.SIGKILL)
	second := g.started("a", 2)
	assert.Empty(t, having("GOSV_INVOCATION", invocation))
	g.says("a", "PID "+itoa(first)+" was moved out of its cgroup "+leaf, 1)
	now, err := cgroupOf(second)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(now, g.dir+"/"), "%s is below %s", now, g.dir)
	g.stop()
}
