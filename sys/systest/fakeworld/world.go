// Package fakeworld is the fake machine that the conformance suite runs on.
package fakeworld

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys/systest"
)

// New is a world around a fake kernel, with a cgroup file system if it has none.
func New(o fakesys.Options) (systest.World, *fakesys.Kernel) {
	if o.Cgroups == nil {
		o.Cgroups = &fakesys.Cgroups{Controllers: []string{"memory", "cpu", "pids"}, Delegated: "/"}
	}
	k := fakesys.New(o)
	return systest.World{
		Kernel:   k,
		Testproc: func(script string) (string, []string) { return fakesys.TestprocPath, []string{"testproc", script} },
		Reopened: fakesys.TestprocPath,
		File:     func(kind systest.Kind) string { return makeFile(k.World, kind) },
		Cgroup: func(t *testing.T) string {
			const dir = "/sys/fs/cgroup/systest"
			if err := k.Mkdir(dir); err != nil {
				t.Fatal(err)
			}
			return dir
		},
		SignalSelf: k.SignalSelf,
		Send:       func(pid int, sig syscall.Signal) { _ = k.Kill(pid, sig) },
		AllStopped: func(pid int) bool { p, _ := k.Process(pid); return p.State == 'T' },
		NextPid:    func(pid int) error { k.NextPid(pid); return nil },
	}, k
}

var kinds = map[systest.Kind]fakesys.FileKind{
	systest.NotExecutable: fakesys.NotExecutable, systest.Empty: fakesys.Empty, systest.MissingInterpreter: fakesys.MissingInterpreter,
	systest.Busy: fakesys.Busy, systest.Looping: fakesys.Looping,
}

func makeFile(w *fakesys.World, kind systest.Kind) string {
	name := fmt.Sprintf("/tmp/systest/kind-%d", kind)
	w.AddDir("/tmp/systest")
	switch kind {
	case systest.Dir:
		w.AddDir(name)
	case systest.BelowFile:
		w.AddFile(name, fakesys.NotExecutable)
		return name + "/below"
	case systest.LongName:
		return "/tmp/systest/" + strings.Repeat("x", 256)
	case systest.Missing:
	default:
		w.AddFile(name, kinds[kind])
	}
	return name
}
