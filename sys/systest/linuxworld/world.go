// Package linuxworld is the Linux machine that the conformance suite runs on:
// puppets that are real processes, files in a temporary folder, and a folder of
// the cgroup v2 file system.
//
// The test program has to call live.Hook at the beginning of its TestMain.
package linuxworld

import (
	"syscall"
	"testing"

	"github.com/gosv/gosv/puppet/live"
	"github.com/gosv/gosv/sys"
	"github.com/gosv/gosv/sys/systest"
)

// New is a world around a kernel. Orphans are told from children of Spawn only
// on the main thread, where tests do not run.
func New(t *testing.T, kernel sys.Kernel) systest.World {
	files := files{t: t}
	return systest.World{
		Kernel:         kernel,
		Puppet:         live.Command,
		File:           files.path,
		Cgroup:         Cgroup,
		SignalSelf:     func(sig syscall.Signal) { kill(t, syscall.Getpid(), sig) },
		Send:           func(pid int, sig syscall.Signal) { kill(t, pid, sig) },
		SeesEveryChild: true,
	}
}

func kill(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatalf("kill %d with %v: %v", pid, sig, err)
	}
}
