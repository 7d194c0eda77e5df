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

// Whoever posts a command hears when it was carried out, with the state that it led to.
func TestCommandReportsWhenItWasCarriedOut(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep 1h")
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}})
	var heard []string
	post := func(kind lifecycle.Kind) {
		_ = s.Post(supervisor.Command{Kind: kind, Service: "web", Done: func(refused string) {
			heard = append(heard, kind.String()+": "+s.Statuses()[0].State.Phase.String()+refused)
		}})
	}
	post(lifecycle.Start) // before the loop begins
	k.At(2*time.Second, "stop", func() { post(lifecycle.Stop) })
	k.At(4*time.Second, "start", func() { post(lifecycle.Start) })
	k.At(6*time.Second, "shut down", func() { k.SignalSelf(15); post(lifecycle.Start) })
	s.Run()
	assert.Equal(t, []string{"start: starting", "stop: stopping", "start: starting", "start: stoppinggosv is shutting down"}, heard)
}
