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
	"github.com/gosv/gosv/supervisor/lifecycle"
	"github.com/gosv/gosv/sys"
)

// log keeps what is reported; on may panic.
type log struct {
	supervisor.NopObserver
	events  []supervisor.Event
	changes []supervisor.Change
	on      func(supervisor.Event)
}

func (l *log) Changed(c supervisor.Change) { l.changes = append(l.changes, c) }

func (l *log) Event(_ time.Duration, e supervisor.Event) {
	l.events = append(l.events, e)
	if l.on != nil {
		l.on(e)
	}
}

func (l *log) internalErrors() (all []supervisor.InternalError) {
	for _, e := range l.events {
		if e, is := e.(supervisor.InternalError); is {
			all = append(all, e)
		}
	}
	return all
}

func (l *log) phases(service string) (all []lifecycle.Phase) {
	for _, c := range l.changes {
		if c.Service == service && c.From != c.State.Phase {
			all = append(all, c.State.Phase)
		}
	}
	return all
}

func living(k *fakesys.Kernel, path string) (n int) {
	for _, p := range k.Processes() {
		if p.Path == path && p.State != 'Z' {
			n++
		}
	}
	return n
}

// A panic in the step of one service fails that service, and the other goes on.
func TestAPanicOfOneServiceQuarantinesIt(t *testing.T) {
	for name, cgroups := range map[string]*fakesys.Cgroups{"with cgroups": {Delegated: "/"}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: cgroups})
			k.AddProgram("/svc/bad", "fork {setsid; sleep forever}; sleep 5s; exit 1")
			k.AddProgram("/svc/good", "sleep forever")
			var services []config.Service
			for _, name := range []string{"bad", "good"} {
				services = append(services, config.NewService(name, "/svc/"+name))
			}
			seen, starts := &log{}, 0
			k.At(30*time.Second, "look", func() {
				assert.Zero(t, living(k, "/svc/bad"), "nothing of it is left")
				assert.Equal(t, 1, living(k, "/svc/good"))
			})
			k.At(time.Minute, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
			r := supervisor.New(supervisor.Options{Kernel: k, Services: services, Observer: seen,
				Output: func(service string) (sys.Sink, sys.Sink) {
					if service == "bad" {
						if starts++; starts == 2 {
							panic("an index is wrong")
						}
					}
					return nil, nil
				}}).Run()
			require.Len(t, seen.internalErrors(), 1)
			e := seen.internalErrors()[0]
			assert.Equal(t, "bad", e.Service)
			assert.Equal(t, "an index is wrong", e.Panic)
			assert.Contains(t, e.Stack, "panic_test.go")
			assert.Equal(t, []string{"bad"}, r.Failed)
			assert.Equal(t, lifecycle.Failed, seen.phases("bad")[len(seen.phases("bad"))-1])
			assert.Equal(t, []lifecycle.Phase{lifecycle.Starting, lifecycle.Running, lifecycle.Stopping, lifecycle.Stopped}, seen.phases("good"))
			assert.Empty(t, r.Unkillable)
		})
	}
}

// A service whose step panics while its process lives loses that process.
func TestAPanicWhileItRunsKillsTheService(t *testing.T) {
	k := fakesys.New(fakesys.Options{Cgroups: &fakesys.Cgroups{Delegated: "/"}})
	k.AddProgram("/svc/web", "fork {sleep forever}; sleep forever")
	seen := &log{}
	panicked := false
	seen.on = func(e supervisor.Event) {
		if _, is := e.(supervisor.SignalFailed); is && !panicked {
			panicked = true
			panic("a bug in a step")
		}
	}
	k.At(2*time.Second, "refuse a signal", func() {
		k.SetFaults(fakesys.Faults{Hook: func(op fakesys.Op, _ string) syscall.Errno {
			if op == fakesys.OpSignalGroup && !panicked {
				return syscall.EPERM
			}
			return 0
		}})
	})
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}, Observer: seen})
	k.At(3*time.Second, "stop", func() { _ = s.Post(supervisor.Command{Kind: lifecycle.Stop, Service: "web"}) })
	k.At(10*time.Second, "look", func() { assert.Zero(t, living(k, "/svc/web")) })
	k.At(20*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	r := s.Run()
	assert.True(t, panicked)
	assert.Len(t, seen.internalErrors(), 1)
	assert.Equal(t, []string{"web"}, r.Failed)
}

// Someone who starts a quarantined service trusts it again.
func TestAQuarantinedServiceCanBeStartedAgain(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep forever")
	starts := 0
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web"), config.NewService("other", "/svc/web")},
		Output: func(service string) (sys.Sink, sys.Sink) {
			if service == "web" {
				if starts++; starts == 1 {
					panic("a bug")
				}
			}
			return nil, nil
		}})
	k.At(time.Second, "start", func() { require.NoError(t, s.Post(supervisor.Command{Kind: lifecycle.Start, Service: "web"})) })
	k.At(2*time.Second, "look", func() { assert.Equal(t, lifecycle.Running, s.Statuses()[0].State.Phase) })
	k.At(3*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
	r := s.Run()
	assert.Equal(t, 2, starts)
	assert.Empty(t, r.Failed)
}

// A panic of the loop itself stops every service, with a grace, before it ends gosv.
func TestAPanicOfTheLoopStopsEverything(t *testing.T) {
	for name, cgroups := range map[string]*fakesys.Cgroups{"with cgroups": {Delegated: "/"}, "without": nil} {
		t.Run(name, func(t *testing.T) {
			k := fakesys.New(fakesys.Options{Cgroups: cgroups})
			k.AddProgram("/svc/slow", "on TERM {sleep 1s; exit 0}; sleep forever")
			k.AddProgram("/svc/ignoring", "ignore TERM; sleep forever")
			seen := &log{on: func(e supervisor.Event) {
				if _, is := e.(supervisor.ShutdownStarted); is {
					panic("a bug in the loop")
				}
			}}
			s := supervisor.New(supervisor.Options{Kernel: k, Observer: seen,
				Services: []config.Service{config.NewService("slow", "/svc/slow"), config.NewService("ignoring", "/svc/ignoring")}})
			k.At(2*time.Second, "TERM", func() { k.SignalSelf(syscall.SIGTERM) })
			assert.PanicsWithValue(t, "a bug in the loop", func() { s.Run() })
			require.Len(t, seen.internalErrors(), 1)
			assert.Empty(t, seen.internalErrors()[0].Service)
			for until := k.Now() + time.Second; k.Now() < until; {
				k.Wait(until)
			}
			assert.Zero(t, living(k, "/svc/slow")+living(k, "/svc/ignoring"))
			assert.Greater(t, k.Now(), 7*time.Second, "the service that ignores TERM had its grace")
			assert.ErrorIs(t, s.Shutdown(), supervisor.ErrEnded)
		})
	}
}
