package supervisor_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
)

func web() config.Service {
	svc := config.NewService("web", "/svc/web")
	svc.StopSignal, svc.StopTimeout = syscall.SIGINT, 8*time.Second
	return svc
}

// next runs the gosv that follows, until a minute has passed.
func next(k *fakesys.Kernel) (*log, *fakesys.Kernel) {
	after, seen := k.Crash(), &log{}
	after.At(after.Now()+time.Minute, "TERM", func() { after.SignalSelf(syscall.SIGTERM) })
	supervisor.New(supervisor.Options{Kernel: after, Services: []config.Service{web()}, Observer: seen}).Run()
	return seen, after
}

func firstStart(l *log) time.Duration { return l.changes[0].At }

// What a dead gosv left has the stop signal of its service and its grace, like any stop.
func TestLeftoversHaveTheirStopSignalAndGrace(t *testing.T) {
	for name, tt := range map[string]struct {
		script string
		after  time.Duration // until the first start
		killed int
	}{
		"they obey":        {"on INT {sleep 3s; exit 0}; sleep forever", 3 * time.Second, 0},
		"they ignore it":   {"ignore INT; sleep forever", 8 * time.Second, 1},
		"they are stopped": {"on INT {sleep 1s; exit 0}; sleep forever", time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
			k.AddProgram("/svc/web", tt.script)
			k.At(time.Second, "kill -9", func() { k.SignalSelf(syscall.SIGKILL) })
			func() {
				defer func() { _ = recover() }()
				supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web()}}).Run()
			}()
			if name == "they are stopped" {
				for _, p := range k.Processes() {
					if p.Path == "/svc/web" {
						_ = k.Kill(p.Pid, syscall.SIGSTOP)
					}
				}
			}
			began := k.Now()
			seen, _ := next(k)
			var stopping []supervisor.StaleStopping
			dead := 0
			for _, e := range seen.events {
				switch e := e.(type) {
				case supervisor.StaleStopping:
					stopping = append(stopping, e)
				case supervisor.StaleKilled:
					dead += len(e.PIDs)
				}
			}
			require.Len(t, stopping, 1)
			assert.Equal(t, 8*time.Second, stopping[0].Grace)
			assert.Equal(t, tt.killed, dead)
			assert.InDelta(t, tt.after.Seconds(), (firstStart(seen) - began).Seconds(), 0.6)
		})
	}
}
