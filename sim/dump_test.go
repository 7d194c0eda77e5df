package sim_test

import (
	"cmp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/internal/golden"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// dumps keeps what is dumped.
type dumps struct {
	supervisor.NopObserver
	text string
}

func (d *dumps) Dumped(text string) { d.text += text }

// dumped has a crowd in every state dump itself, on a machine with or without
// cgroups, after ten seconds.
func dumped(t *testing.T, machine fakesys.Options, maps bool) string {
	k := fakesys.New(machine)
	services := []config.Service{config.NewService("missing", "/svc/missing")}
	for _, p := range []struct{ name, script string }{
		{"alone", "sleep forever"},
		{"family", "fork {setsid; sleep forever}; daemon {setsid; sleep forever}; sleep forever"},
		{"waits", "sleep 7s; die SEGV"},
		{"ended", "exit 0"},
		{"stubborn", "block forever"},
	} {
		svc := config.NewService(p.name, "/svc/"+p.name)
		svc.Args, svc.StopTimeout = []string{"-v", "two words"}, 500*time.Millisecond
		if p.name == "ended" {
			svc.Restart = config.RestartNever
		}
		if p.name == "waits" {
			svc.Backoff.Initial = 10 * time.Second
		}
		k.AddProgram(svc.Command, p.script)
		services = append(services, svc)
	}
	services[1].Limits = config.Limits{MemoryMax: 64 << 20, PidsMax: 9}
	seen := &dumps{}
	s := supervisor.New(supervisor.Options{Kernel: k, Services: services, Observer: seen, DumpMaps: maps})
	k.At(2*time.Second, "stop", func() { require.NoError(t, s.Post(supervisor.Command{Service: "stubborn", Kind: lifecycle.Stop})) })
	k.At(10*time.Second, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
	k.At(11*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	s.Run()
	return seen.text
}

// Dumps are for people, and looked at as a whole.
func TestADumpTellsEverything(t *testing.T) {
	for file, text := range map[string]string{
		"testdata/dump-without-cgroups.txt": dumped(t, fakesys.Options{}, false),
		"testdata/dump-grouped.txt":         dumped(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"cpu", "memory", "pids"}}}, true),
	} {
		golden.Equal(t, file, text)
	}
}

// Before Linux 5.13 cpu.pressure has no line "full".
func TestADumpOnAKernelWithoutFullCPUPressure(t *testing.T) {
	text := dumped(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"cpu", "memory", "pids"}, NoKillFile: true}}, false)
	assert.Contains(t, text, "cpu pressure: some 0.00% of the last 10 s\n")
	assert.Contains(t, text, "io pressure: some 0.00%, full 0.00% of the last 10 s\n")
}

// noticing keeps notices, too.
type noticing struct {
	dumps
	notices []string
	events  []supervisor.Event
}

// reported returns the events of one type.
func reported[T supervisor.Event](events []supervisor.Event) (some []T) {
	for _, e := range events {
		if e, ok := e.(T); ok {
			some = append(some, e)
		}
	}
	return some
}

func (n *noticing) Event(_ time.Duration, e supervisor.Event) {
	n.notices = append(n.notices, e.String())
	n.events = append(n.events, e)
}

// complaints are what gosv says that it cannot do.
func (n *noticing) complaints() (all []string) {
	for _, detectionBound := range n.notices {
		if strings.Contains(detectionBound, "cannot") {
			all = append(all, detectionBound)
		}
	}
	return all
}

// What was seen under a number is not told if the process ended meanwhile: it may
// have been another's. And one dump is made at a time.
func TestADumpDoesNotTellOfAnotherProcess(t *testing.T) {
	for name, after := range map[string]config.Restart{"it lives": "", "it ended": config.RestartAlways, "it ended for good": config.RestartNever} {
		t.Run(name, func(t *testing.T) {
			ends := after != ""
			k := fakesys.New(fakesys.Options{Faults: &fakesys.Faults{LateJob: 1, LateJobBy: time.Second}})
			script := "sleep forever"
			if ends {
				script = "sleep 10001ms; exit 1"
			}
			k.AddProgram("/svc/web", script)
			k.AddProgram("/svc/other", "sleep forever")
			seen := &noticing{}
			web := config.NewService("web", "/svc/web")
			web.Restart, web.Backoff.Initial = cmp.Or(after, web.Restart), 0 // its successor has another number
			s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web, config.NewService("other", "/svc/other")}, Observer: seen})
			for _, at := range []time.Duration{10 * time.Second, 10*time.Second + time.Millisecond, 15 * time.Second} {
				k.At(at, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
			}
			k.At(20*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
			s.Run()
			assert.Equal(t, ends, strings.Contains(seen.text, "process 11 ended while it was looked at\n"), seen.text)
			assert.Equal(t, 2, strings.Count(seen.text, "gosv 10: 2 services,"), seen.text)
			assert.Len(t, reported[supervisor.SignalIgnored](seen.events), 1)
		})
	}
}

// What gosv may not look at is said to be missing, and not to be nothing.
func TestADumpTellsWhatItCannotShow(t *testing.T) {
	k := fakesys.New(fakesys.Options{Faults: &fakesys.Faults{Calls: []fakesys.CallFault{{Op: fakesys.OpReadDir, Target: "fd", Rate: 1, Errnos: []syscall.Errno{syscall.EACCES}}}}})
	k.AddProgram("/svc/web", "sleep forever")
	seen := &dumps{}
	k.At(time.Second, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
	k.At(2*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}, Observer: seen}).Run()
	assert.Regexp(t, `descriptors not shown: .*permission denied`, seen.text)
	assert.NotContains(t, seen.text, "open file descriptors")
}

// The child of a start that hangs in its exec still looks as gosv does: it is not taken for
// an orphan.
func TestADumpTellsTheChildOfAStart(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddFile("/svc/dead", fakesys.Hanging)
	seen := &dumps{}
	k.At(time.Second, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
	k.At(2*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("dead", "/svc/dead")}, Observer: seen}).Run()
	assert.Contains(t, seen.text, "child 11 of a start that is under way\n")
	assert.NotContains(t, seen.text, "orphan")
}

// A dump that hangs keeps no other from being made for longer than ten seconds.
func TestADumpThatHangsKeepsNoOtherForLong(t *testing.T) {
	k := fakesys.New(fakesys.Options{Faults: &fakesys.Faults{LateJob: 1, LateJobBy: 150 * time.Second}}) // a tenth of it, without chance
	const first = time.Second
	for _, at := range []time.Duration{first, first + 10*time.Second - 1, first + 10*time.Second} {
		k.At(at, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
	}
	seen := supervised(k, "sleep forever", time.Minute)
	assert.Len(t, reported[supervisor.SignalIgnored](seen.events), 1)
	assert.Equal(t, 2, strings.Count(seen.text, "gosv 10: 1 service,"), seen.text)
}

// A service without a process shows its state; only one that waits for its next start
// has an instant for that.
func TestADumpTellsThatAStartHangs(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddFile("/svc/web", fakesys.Hanging)
	seen := &dumps{}
	k.At(time.Second, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
	k.At(2*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
	supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}, Observer: seen}).Run()
	assert.Contains(t, seen.text, "\nweb: starting\n")
}
