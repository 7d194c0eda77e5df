package fakesys_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/sys/systest"
)

// conforming is a fake as a world of the conformance suite.
func conforming(o fakesys.Options) func(*testing.T) systest.World {
	return func(t *testing.T) systest.World {
		o.Cgroups = &fakesys.Cgroups{Controllers: []string{"memory", "cpu", "pids"}, Delegated: "/"}
		k := fakesys.New(o)
		return systest.World{
			Kernel: k,
			Puppet: func(script string) (string, []string) { return fakesys.PuppetPath, []string{"puppet", script} },
			File:   func(kind systest.Kind) string { return makeFile(k.World, kind) },
			Cgroup: func(t *testing.T) string {
				const folder = "/sys/fs/cgroup/systest"
				if err := k.Mkdir(folder); err != nil {
					t.Fatal(err)
				}
				return folder
			},
			SignalSelf:     k.SignalSelf,
			Send:           func(pid int, sig syscall.Signal) { _ = k.Kill(pid, sig) },
			SeesEveryChild: o.OrphanAny,
		}
	}
}

func makeFile(w *fakesys.World, kind systest.Kind) string {
	const name = "/tmp/systest/file"
	w.AddDir("/tmp/systest")
	switch kind {
	case systest.Folder:
		w.AddDir(name)
	case systest.BelowFile:
		w.AddFile(name, fakesys.NotExecutable)
		return name + "/below"
	case systest.LongName:
		return "/tmp/systest/" + strings.Repeat("x", 256)
	case systest.Missing:
	default:
		w.AddFile(name, map[systest.Kind]fakesys.FileKind{
			systest.NotExecutable: fakesys.NotExecutable, systest.Empty: fakesys.Empty, systest.MissingInterpreter: fakesys.MissingInterpreter,
			systest.Busy: fakesys.Busy, systest.Looping: fakesys.Looping,
		}[kind])
	}
	return name
}

func TestConformance(t *testing.T) {
	systest.Run(t, conforming(fakesys.Options{}))
}

// A kernel that can only wait for any child conforms as well.
func TestConformanceWithoutTellingOrphans(t *testing.T) {
	systest.Run(t, conforming(fakesys.Options{OrphanAny: true}))
}

// Every order of events is a kernel's order.
func TestConformanceInOtherOrders(t *testing.T) {
	for seed := range uint64(10) {
		t.Logf("seed %d", seed)
		systest.Run(t, func(t *testing.T) systest.World {
			return conforming(fakesys.Options{Choices: fakesys.FromSeed(seed), Preempt: seed%2 == 1})(t)
		})
	}
}
