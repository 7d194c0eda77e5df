package supervisor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// The caller of Post is notified when the command was carried out, with the resulting state.
func TestCommandReportsWhenItWasCarriedOut(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep 1h")
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}})
	var results []string
	post := func(kind lifecycle.Kind) {
		_ = s.Post(supervisor.Command{Kind: kind, Service: "web", Done: func(err error) {
			results = append(results, kind.String()+": "+s.Statuses()[0].State.Phase.String())
			if err != nil {
				results = append(results, err.Error())
			}
		}})
	}
	post(lifecycle.Start) // before the loop begins
	k.At(2*time.Second, "stop", func() { post(lifecycle.Stop) })
	k.At(4*time.Second, "start", func() { post(lifecycle.Start) })
	k.At(6*time.Second, "shut down", func() { k.SignalSelf(15); post(lifecycle.Start) })
	s.Run()
	assert.Equal(t, []string{"start: starting", "stop: stopping", "start: starting", "start: stopping", "gosv is shutting down"}, results)
}

// A signal goes to the main process only, and only while there is one.
func TestCommandSendsASignal(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "on HUP {exit 7}; sleep 1h")
	conf := config.NewService("web", "/svc/web")
	conf.MaxRestarts = 0
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{conf}})
	var results []error
	signal := func() {
		_ = s.Post(supervisor.Command{Action: supervisor.SendSignal, Service: "web", Signal: 1, Done: func(err error) { results = append(results, err) }})
	}
	signal() // before the loop begins
	k.At(2*time.Second, "hang up", signal)
	r := s.Run()
	assert.Equal(t, []error{supervisor.ErrNotRunning, nil}, results)
	assert.Equal(t, []string{"web"}, r.Failed)
	assert.Equal(t, 7, s.Statuses()[0].State.Last.Code)
}

// Shutdown is what TERM does.
func TestCommandShutsDown(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep 1h")
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}})
	k.At(2*time.Second, "shut down", func() { _ = s.Post(supervisor.Command{Action: supervisor.Shutdown}) })
	r := s.Run()
	assert.True(t, r.Shutdown)
	assert.Equal(t, lifecycle.Stopped, s.Statuses()[0].State.Phase)
}

// A failed service that is reset can be started again, and gosv does not end without it.
func TestCommandResetsAFailedService(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "exit 3")
	k.AddProgram("/svc/worker", "sleep 1h")
	web := config.NewService("web", "/svc/web")
	web.MaxRestarts = 0
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{web, config.NewService("worker", "/svc/worker")}})
	var phases []lifecycle.Phase
	look := func(error) { phases = append(phases, s.Statuses()[0].State.Phase) }
	k.At(2*time.Second, "reset", func() {
		look(nil)
		_ = s.Post(supervisor.Command{Kind: lifecycle.Reset, Service: "web", Done: look})
	})
	k.At(4*time.Second, "shut down", func() { k.SignalSelf(15) })
	s.Run()
	assert.Equal(t, []lifecycle.Phase{lifecycle.Failed, lifecycle.Stopped}, phases)
}
