package supervisor_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// What is posted after the end is refused and not lost.
func TestASupervisorThatHasEndedRefusesCommands(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/web", "sleep forever")
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{config.NewService("web", "/svc/web")}})
	k.At(2*time.Second, "shut down", func() { require.NoError(t, s.Shutdown()) })
	r := s.Run()
	assert.True(t, r.Shutdown)
	assert.ErrorIs(t, s.Post(supervisor.Command{Kind: lifecycle.Start, Service: "web"}), supervisor.ErrEnded)
	assert.ErrorIs(t, s.Shutdown(), supervisor.ErrEnded)
	assert.Equal(t, lifecycle.Stopped, s.Statuses()[0].State.Phase, "the last status can still be read")
}
