package procfs

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/filestest"
	"github.com/gosv/gosv/sys"
)

// start starts cat, which lives until its stdin is closed, in a group of its own.
func start(t *testing.T, env ...string) (pid int, end func()) {
	cmd := exec.Command("cat")
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	end = func() { in.Close(); _ = cmd.Wait() }
	t.Cleanup(end)
	return cmd.Process.Pid, end
}

func TestInspectARealProcess(t *testing.T) {
	var kernel filestest.Kernel
	pid, end := start(t)
	stat, err := ReadStat(kernel, pid)
	require.NoError(t, err)
	assert.Equal(t, "cat", stat.Comm)
	assert.Equal(t, os.Getpid(), stat.Ppid)
	assert.Equal(t, pid, stat.Pgrp)

	got, err := Inspect(kernel, pid, stat.StartTime, Options{Maps: true})
	require.NoError(t, err)
	assert.Empty(t, got.Missing)
	assert.Equal(t, []string{"cat"}, got.Cmdline)
	assert.NotZero(t, got.Memory.VM.HWM)
	require.NotNil(t, got.Memory.Exact)
	assert.NotZero(t, got.Memory.Exact.RSS)
	assert.Equal(t, 1, got.Memory.Threads)
	require.GreaterOrEqual(t, len(got.Descriptors), 3, "and whatever the test inherited")
	assert.Equal(t, "/dev/null", got.Descriptors[1].Target)
	assert.True(t, strings.HasPrefix(got.Descriptors[0].Target, "pipe:["))
	assert.GreaterOrEqual(t, len(got.Maps), len(got.Mapped))

	end()
	_, err = Inspect(kernel, pid, stat.StartTime, Options{})
	assert.ErrorIs(t, err, ErrGone)
}

func TestFindARealProcess(t *testing.T) {
	var kernel filestest.Kernel
	inGroup, _ := start(t)
	adopted, _ := start(t, "GOSV_INVOCATION=procfs-test")
	q := Query{Self: os.Getpid(), Groups: map[int]bool{inGroup: true}, Invocations: map[string]bool{"procfs-test": true}}
	require.NoError(t, CheckSelf(kernel, os.Getpid()))
	got, err := Find(kernel, q)
	require.NoError(t, err)
	require.Len(t, got, 2)
	found := map[int]string{got[0].Pid: got[0].Invocation, got[1].Pid: got[1].Invocation}
	assert.Equal(t, map[int]string{inGroup: "", adopted: "procfs-test"}, found)

	q.Known = map[int]bool{adopted: true, inGroup: true}
	got, err = Find(kernel, q)
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestARealZombieIsNotAlive(t *testing.T) {
	var kernel filestest.Kernel
	pid, err := syscall.ForkExec("/proc/self/exe", []string{"zombie", "-test.run=^$"}, &syscall.ProcAttr{Env: os.Environ()})
	require.NoError(t, err)
	defer func() { _, _ = syscall.Wait4(pid, nil, 0, nil) }()
	var info [128]byte // siginfo_t, unused
	for {              // waitid(2) with WNOWAIT returns once it is a zombie, and leaves it
		_, _, no := syscall.Syscall6(syscall.SYS_WAITID, 1, uintptr(pid), uintptr(unsafe.Pointer(&info)), 0x1000000|4, 0, 0)
		if no == 0 {
			break
		}
		require.Equal(t, syscall.EINTR, no)
	}
	stat, err := ReadStat(kernel, pid)
	require.NoError(t, err)
	assert.Equal(t, byte('Z'), stat.State)
	assert.False(t, stat.Alive())
	memory, err := ReadMemory(kernel, pid)
	require.NoError(t, err)
	assert.Nil(t, memory.VM)
	env, err := ReadEnviron(kernel, pid)
	assert.Empty(t, env)
	if err != nil { // on Linux 6.1 the file is empty
		assert.ErrorIs(t, err, ErrGone)
	}
	report, err := Inspect(kernel, pid, stat.StartTime, Options{})
	require.NoError(t, err)
	assert.Empty(t, report.Cmdline)
}

func TestEverythingOfThisMachineParses(t *testing.T) {
	var kernel filestest.Kernel
	entries, err := kernel.ReadDir("/proc")
	require.NoError(t, err)
	seen := 0
	for _, name := range sys.EntryNames(entries) {
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		var pid int
		for _, c := range name {
			pid = pid*10 + int(c-'0')
		}
		stat, err := ReadStat(kernel, pid)
		if errors.Is(err, ErrGone) {
			continue
		}
		require.NoError(t, err)
		report, err := Inspect(kernel, pid, stat.StartTime, Options{Maps: true})
		if errors.Is(err, ErrGone) {
			continue
		}
		require.NoError(t, err)
		for _, missing := range report.Missing {
			assert.True(t, unseen(missing.Err), "%s of process %d: %v", missing.Part, pid, missing.Err)
		}
		_, err = ReadMountInfo(kernel, pid)
		assert.True(t, err == nil || unseen(err) || errors.Is(err, syscall.EINVAL), "%v", err) // EINVAL: a zombie
		seen++
	}
	assert.NotZero(t, seen)
}
