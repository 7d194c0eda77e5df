package sim_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// dumps keeps what is dumped.
type dumps struct {
	supervisor.Nobody
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

// Dumps are for people, and looked at as a whole. GOSV_UPDATE=1 writes them anew.
func TestADumpTellsEverything(t *testing.T) {
	for file, text := range map[string]string{
		"testdata/dump-without-cgroups.txt": dumped(t, fakesys.Options{}, false),
		"testdata/dump-grouped.txt":         dumped(t, fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/", Controllers: []string{"cpu", "memory", "pids"}}}, true),
	} {
		if os.Getenv("GOSV_UPDATE") != "" {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), text)
	}
}

// noticing keeps notices, too.
type noticing struct {
	dumps
	notices []string
}

func (n *noticing) Noticed(notice supervisor.Notice) { n.notices = append(n.notices, notice.Text) }

// What was seen under a number is not told if the process ended meanwhile: it may
// have been another's. And one dump is made at a time.
func TestADumpDoesNotTellOfAnotherProcess(t *testing.T) {
	for name, ends := range map[string]bool{"it lives": false, "it ended": true} {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Faults: &fakesys.Faults{LateJob: 1, LateJobBy: time.Second}})
			script := "sleep forever"
			if ends {
				script = "sleep 10001ms; exit 1"
			}
			k.AddProgram("/svc/web", script)
			seen := &noticing{}
			web := config.NewService("web", "/svc/web")
			web.Backoff.Initial = 0 // its successor has another number
			s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web}, Observer: seen})
			for _, at := range []time.Duration{10 * time.Second, 10*time.Second + time.Millisecond, 15 * time.Second} {
				k.At(at, "dump", func() { k.SignalSelf(syscall.SIGUSR1) })
			}
			k.At(20*time.Second, "end", func() { k.SignalSelf(syscall.SIGTERM) })
			s.Run()
			assert.Equal(t, ends, strings.Contains(seen.text, "process 11 ended while it was looked at\n"), seen.text)
			assert.Equal(t, 2, strings.Count(seen.text, "gosv 10: 1 service,"), seen.text)
			assert.Contains(t, seen.notices, "SIGUSR1: a dump is being made already")
		})
	}
}
