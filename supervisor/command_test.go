package supervisor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// The commands that Post accepts, and its errors for others.
func TestPost(t *testing.T) {
	s := supervisor.New(supervisor.Options{Kernel: fakesys.New(fakesys.Options{}), Services: []config.Service{config.NewService("web", "/svc/web")}})
	for _, kind := range []lifecycle.Kind{lifecycle.Start, lifecycle.Stop, lifecycle.Reset} {
		require.NoError(t, s.Post(supervisor.Command{Kind: kind, Service: "web"}))
	}
	require.ErrorContains(t, s.Post(supervisor.Command{Kind: lifecycle.Emptied, Service: "web"}), "is not a command")
	require.EqualError(t, s.Post(supervisor.Command{Kind: lifecycle.Start, Service: "wed"}), `there is no service "wed"`)
	for range 1024 - 3 {
		require.NoError(t, s.Post(supervisor.Command{Kind: lifecycle.Start, Service: "web"}))
	}
	assert.EqualError(t, s.Post(supervisor.Command{Kind: lifecycle.Stop, Service: "web"}), "1024 commands are waiting already; try again")
}
