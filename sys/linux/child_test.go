package linux_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/linux"
)

// forceClone has new kernels make children by clone.
var forceClone bool

// bothWays runs a test with clone3 and with clone.
func bothWays(t *testing.T, test func(t *testing.T)) {
	t.Run("clone3", test)
	t.Run("clone", func(t *testing.T) {
		forceClone = true
		defer func() { forceClone = false }()
		test(t)
	})
}

// field gives a line of /proc/self/status as a child saw it.
func field(status, name string) string {
	for line := range strings.Lines(status) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func TestAChildIsBornClean(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		own, err := os.ReadFile("/proc/self/status")
		require.NoError(t, err)
		k := newKernel(t)
		status := text(t, k, "cat /proc/self/status")
		assert.Equal(t, "0000000000000000", field(status, "SigBlk"))
		assert.Equal(t, field(string(own), "SigIgn"), field(status, "SigIgn"))
		assert.Equal(t, "0000000000000000", field(status, "SigCgt"))
		assert.Equal(t, "0 1 2 3", text(t, k, "echo $(ls /proc/self/fd)"), "ls itself has 3 open")
		assert.Equal(t, "/dev/null", text(t, k, "readlink /proc/self/fd/0"))
	})
}

func TestAChildLeadsItsGroup(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		k := newKernel(t)
		c := shell(t, k, "sleep 4321", nil)
		pgid, err := unix.Getpgid(c.Pid)
		require.NoError(t, err)
		assert.Equal(t, c.Pid, pgid)
		require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
		finish(t, k, c)
	})
}

func TestAnIgnoredSignalStaysIgnoredInChildren(t *testing.T) {
	out := runPart(t, "ignored signals", "trap '' HUP USR1 INT;")
	assert.Equal(t, "hup: ignored, usr1: not, int: not", out)
}

func init() {
	parts["ignored signals"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		out := &buffer{}
		k.Spawn(sys.SpawnRequest{ID: 1, Path: "/bin/cat", Args: []string{"/proc/self/status"}, Stdout: out})
		for !out.isClosed() {
			k.Wait(k.Now() + 10*time.Millisecond)
			for _, r := range k.Spawned() {
				check(r.Err)
			}
		}
		mask, err := strconv.ParseUint(field(out.String(), "SigIgn"), 16, 64)
		check(err)
		word := map[bool]string{true: "ignored", false: "not"}
		ignored := func(sig syscall.Signal) string { return word[mask&(1<<(sig-1)) != 0] }
		fmt.Printf("hup: %s, usr1: %s, int: %s\n", ignored(syscall.SIGHUP), ignored(syscall.SIGUSR1), ignored(syscall.SIGINT))
	}
	parts["nofile"] = func() {
		k, err := linux.New(linux.Options{})
		check(err)
		defer k.Shutdown(time.Second)
		out := &buffer{}
		k.Spawn(sys.SpawnRequest{ID: 1, Path: "sh", Args: []string{"-c", "ulimit -Sn"}, Stdout: out})
		for !out.isClosed() {
			k.Wait(k.Now() + 10*time.Millisecond)
			k.Spawned()
		}
		fmt.Print(out)
	}
}

func TestAChildHasTheLimitOfFilesThatGosvWasStartedWith(t *testing.T) {
	assert.Equal(t, "123", runPart(t, "nofile", "ulimit -Sn 123;"))
}

// descriptors counts those of this process.
func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(names)
}

func TestARunningChildCostsThreeDescriptors(t *testing.T) {
	k := newKernel(t)
	before := descriptors(t)
	r := sys.SpawnRequest{Path: "sleep", Args: []string{"4321"}, Stdout: &buffer{}, Stderr: &buffer{}}
	got := spawn(t, k, r)
	require.NoError(t, got.Err)
	assert.Equal(t, before+3, descriptors(t))

	require.NoError(t, k.SignalGroup(got.Child.Handle, syscall.SIGKILL))
	finish(t, k, got.Child)
	until(t, k, "closed pipes", r.Stdout.(*buffer).isClosed)
	until(t, k, "closed pipes", r.Stderr.(*buffer).isClosed)
	assert.Equal(t, before, descriptors(t))
}

func TestFailedStartsLeakNothing(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		k := newKernel(t)
		before := descriptors(t)
		for range 50 {
			got := spawn(t, k, sys.SpawnRequest{Path: "/nowhere/at/all", Stdout: &buffer{}, Stderr: &buffer{}})
			require.ErrorIs(t, got.Err, syscall.ENOENT)
		}
		assert.Equal(t, before, descriptors(t))
		assert.Empty(t, k.Exited())
	})
}

func TestShutdownClosesEverything(t *testing.T) {
	openKernel(t).Shutdown(0) // what stays open for good, such as Go's own poller, is open now
	before := descriptors(t)
	k := openKernel(t)
	c := shell(t, k, "sleep 4321", &buffer{})
	require.NoError(t, k.SignalGroup(c.Handle, syscall.SIGKILL))
	until(t, k, "the child's end", func() bool { _, ended, err := k.Reap(c.Handle); return ended && err == nil })
	_, err := k.Watch("/proc/self/status")
	require.NoError(t, err)
	k.Shutdown(time.Second)
	assert.Equal(t, before, descriptors(t))
}

func TestTheFailedStepIsNamed(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), mode))
		return path
	}
	script := file("script", "#!/usr/bin/pyton -u\n", 0o755)
	dos := file("dos", "#!/bin/sh\r\n", 0o755)
	alien := file("alien", "\x7fnonsense", 0o755)
	plain := file("plain", "#!/bin/sh\n", 0o644)
	for name, tc := range map[string]struct {
		req  sys.SpawnRequest
		want sys.SpawnError
	}{
		"program":      {sys.SpawnRequest{Path: dir + "/no"}, sys.SpawnError{Step: sys.StepExec, Path: dir + "/no", Err: syscall.ENOENT}},
		"search":       {sys.SpawnRequest{Path: "no such program"}, sys.SpawnError{Step: sys.StepLookup, Path: "no such program", Err: syscall.ENOENT, Hint: "it is not in PATH"}},
		"empty":        {sys.SpawnRequest{}, sys.SpawnError{Step: sys.StepLookup, Err: syscall.ENOENT, Hint: "it is not in PATH"}},
		"directory":    {sys.SpawnRequest{Path: "/bin/sh", Dir: dir + "/no"}, sys.SpawnError{Step: sys.StepChdir, Path: dir + "/no", Err: syscall.ENOENT}},
		"no directory": {sys.SpawnRequest{Path: "/bin/sh", Dir: plain}, sys.SpawnError{Step: sys.StepChdir, Path: plain, Err: syscall.ENOTDIR}},
		"interpreter":  {sys.SpawnRequest{Path: script}, sys.SpawnError{Step: sys.StepExec, Path: script, Err: syscall.ENOENT, Hint: `its interpreter "/usr/bin/pyton" does not exist`}},
		"DOS":          {sys.SpawnRequest{Path: dos}, sys.SpawnError{Step: sys.StepExec, Path: dos, Err: syscall.ENOENT, Hint: `its interpreter "/bin/sh\r" does not exist: the file has DOS line ends`}},
		"alien":        {sys.SpawnRequest{Path: alien}, sys.SpawnError{Step: sys.StepExec, Path: alien, Err: syscall.ENOEXEC, Hint: "it is neither a program for this machine nor a script that begins with #!"}},
		"mode":         {sys.SpawnRequest{Path: plain}, sys.SpawnError{Step: sys.StepExec, Path: plain, Err: syscall.EACCES, Hint: "it is not executable: chmod +x " + plain}},
		"mode, PATH":   {sys.SpawnRequest{Path: "plain", Env: []string{"PATH=" + dir}}, sys.SpawnError{Step: sys.StepLookup, Path: "plain", Err: syscall.EACCES, Hint: "it is in PATH, but not executable"}},
		"relative":     {sys.SpawnRequest{Path: "./script", Dir: dir}, sys.SpawnError{Step: sys.StepExec, Path: "./script", Err: syscall.ENOENT, Hint: `its interpreter "/usr/bin/pyton" does not exist`}},
		"cgroup":       {sys.SpawnRequest{Path: "/bin/sh", Cgroup: dir + "/no"}, sys.SpawnError{Step: sys.StepCgroup, Path: dir + "/no", Err: syscall.ENOENT}},
		"no cgroup":    {sys.SpawnRequest{Path: "/bin/sh", Cgroup: dir}, sys.SpawnError{Step: sys.StepCgroup, Path: dir, Err: syscall.EBADF}},
		"NUL":          {sys.SpawnRequest{Path: "/bin/sh", Args: []string{"a\x00b"}}, sys.SpawnError{Step: sys.StepExec, Path: "/bin/sh", Err: syscall.EINVAL, Hint: "an argument contains a NUL byte"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := spawn(t, newKernel(t), tc.req)
			assert.Equal(t, &tc.want, got.Err)
		})
	}
}

func TestPATHIsSearchedLikeExecvp(t *testing.T) {
	dir := t.TempDir()
	for _, sub := range []string{"a", "b", "c"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, sub), 0o755))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "a/prog"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b/prog"), []byte("#!/bin/sh\necho b"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "c/prog"), []byte("#!/bin/sh\necho $0"), 0o755))
	for name, tc := range map[string]struct{ path, dir, want string }{
		"past what is no program":   {dir + "/a:" + dir + "/b:" + dir + "/c", "", dir + "/c/prog"},
		"relative to the directory": {"nowhere:c", dir, "c/prog"},
		"empty element":             {"/nowhere::/bin", dir + "/c", "./prog"},
		"empty PATH":                {"", dir + "/c", "./prog"},
	} {
		t.Run(name, func(t *testing.T) {
			k, out := newKernel(t), &buffer{}
			got := spawn(t, k, sys.SpawnRequest{Path: "prog", Env: []string{"PATH=" + tc.path}, Dir: tc.dir, Stdout: out})
			require.NoError(t, got.Err)
			finish(t, k, got.Child)
			until(t, k, "the end of the output", out.isClosed)
			assert.Equal(t, tc.want+"\n", out.String())
		})
	}
}

// clearOrphans reaps what earlier tests left to this process, a subreaper since
// the conformance suite ran.
func clearOrphans(t *testing.T, k *linux.Kernel) {
	until(t, k, "a process without children", func() bool {
		o := orphans(t, k)
		if o.Zombie != 0 {
			_, err := k.ReapPid(o.Zombie)
			require.NoError(t, err)
		}
		return !o.Exist
	})
}

func TestFiveHundredFailingStartsUnderABusyReaper(t *testing.T) {
	k := newKernel(t)
	clearOrphans(t, k)
	const n = 500
	for range n {
		lastID++
		k.Spawn(sys.SpawnRequest{ID: lastID, Path: "/nowhere/at/all"})
	}
	failed := 0
	until(t, k, "all results", func() bool {
		assert.Empty(t, k.Exited())
		require.Zero(t, orphans(t, k), "the child of a start is reported as an orphan")
		for _, r := range k.Spawned() {
			require.ErrorIs(t, r.Err, syscall.ENOENT)
			failed++
		}
		return failed == n
	})
	assert.Zero(t, orphans(t, k), "a failed start left a child behind")
}
