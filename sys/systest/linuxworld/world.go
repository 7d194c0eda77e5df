// Package linuxworld is the Linux machine that the conformance suite runs on:
// testprocs that are real processes, files in a temporary directory, and a directory of
// the cgroup v2 file system.
//
// The test program has to call live.RunIfRequested at the beginning of its TestMain.
package linuxworld

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gosv/gosv/internal/mainthread"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/systest"
	"github.com/gosv/gosv/testproc/live"
)

// New is a world around a kernel. Call mainthread.Run from TestMain: the kernel
// looks for orphans on the main thread.
func New(t *testing.T, kernel sys.Kernel) systest.World {
	files := files{t: t}
	return systest.World{
		Kernel:     onMainThread{kernel},
		Testproc:   live.Command,
		Reopened:   "/proc/self/exe", // of the child: gosv's
		File:       files.path,
		Cgroup:     Cgroup,
		SignalSelf: func(sig syscall.Signal) { kill(t, syscall.Getpid(), sig) },
		Send:       func(pid int, sig syscall.Signal) { kill(t, pid, sig) },
		AllStopped: stopped,
		NextPid:    nextPid,
	}
}

// onMainThread is a kernel that is used on the goroutine of a test.
type onMainThread struct{ sys.Kernel }

// Orphans implements sys.Reaper.
func (k onMainThread) Orphans() (o sys.Orphans, err error) {
	mainthread.Do(func() { o, err = k.Kernel.Orphans() })
	return o, err
}

// stopped reads the state of each thread (proc_pid_task(5)).
func stopped(pid int) bool {
	stats, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if _, state, _ := strings.Cut(string(stat), ") "); err != nil || !strings.HasPrefix(state, "T") {
			return false
		}
	}
	return err == nil && len(stats) > 0
}

// nextPid needs CAP_CHECKPOINT_RESTORE, or CAP_SYS_ADMIN (proc_sys_kernel(5), ns_last_pid).
func nextPid(pid int) error {
	return os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0)
}

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatalf("kill %d with %v: %v", pid, sig, err)
	}
}
