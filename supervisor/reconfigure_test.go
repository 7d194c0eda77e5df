package supervisor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/fakesys"
	"github.com/gosv/gosv/supervisor"
	"github.com/gosv/gosv/supervisor/lifecycle"
)

// history notes every change of phase.
type history struct {
	supervisor.NopObserver
	lines []string
}

func (h *history) Changed(c supervisor.Change) {
	h.lines = append(h.lines, fmt.Sprintf("%v %s %v", c.At.Round(time.Second), c.Service, c.State.Phase))
}

// reconfigured runs services, gives them another configuration after 10 s, and ends
// them after 20 s.
func reconfigured(t *testing.T, before, after []config.Service) (lines []string, s *supervisor.Supervisor) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/run", "sleep 1h")
	k.AddProgram("/svc/fail", "exit 1")
	h := &history{}
	s = supervisor.New(supervisor.Options{Kernel: k, Services: before, Observer: h})
	k.At(10*time.Second, "reconfigure", func() {
		h.lines = nil
		assert.NoError(t, s.Reconfigure(after, func(err error) { assert.NoError(t, err) }))
	})
	k.At(20*time.Second, "shut down", func() { lines = h.lines; k.SignalSelf(15) })
	s.Run()
	return lines, s
}

func runs(name string) config.Service { return config.NewService(name, "/svc/run") }

func TestReconfigureWithoutChangesTouchesNothing(t *testing.T) {
	lines, _ := reconfigured(t, []config.Service{runs("a"), runs("b")}, []config.Service{runs("b"), runs("a")})
	assert.Empty(t, lines)
}

func TestReconfigureAppliesPolicyWithoutARestart(t *testing.T) {
	changed := runs("a")
	changed.MaxRestarts, changed.Limits.MemoryMax = 99, 1<<30
	lines, _ := reconfigured(t, []config.Service{runs("a")}, []config.Service{changed})
	assert.Empty(t, lines)
}

func TestReconfigureRestartsAServiceWithAnotherCommand(t *testing.T) {
	changed := runs("a")
	changed.Args = []string{"x"}
	lines, _ := reconfigured(t, []config.Service{runs("a"), runs("b")}, []config.Service{changed, runs("b")})
	assert.Equal(t, []string{"10s a stopping", "10s a stopping", "10s a starting", "10s a running"}, lines)
}

func TestReconfigureStartsNewServicesAndRemovesOld(t *testing.T) {
	lines, s := reconfigured(t, []config.Service{runs("a"), runs("b")}, []config.Service{runs("c"), runs("b")})
	assert.ElementsMatch(t, []string{"10s c starting", "10s a stopping", "10s a stopped", "10s c running"}, lines)
	var names []string
	for _, st := range s.Statuses() {
		names = append(names, st.Name)
	}
	assert.Equal(t, []string{"c", "b"}, names)
}

// A service that has failed is tried again with its new command.
func TestReconfigureStartsAFailedServiceWithAnotherCommand(t *testing.T) {
	failed := config.NewService("a", "/svc/fail")
	failed.MaxRestarts = 0
	lines, _ := reconfigured(t, []config.Service{failed, runs("b")}, []config.Service{runs("a"), runs("b")})
	assert.Contains(t, lines, "10s a running")
}

// A service that an operator stopped stays stopped, whatever changes of it.
func TestReconfigureLeavesAStoppedServiceStopped(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/run", "sleep 1h")
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{runs("a")}})
	changed := runs("a")
	changed.Args = []string{"x"}
	k.At(1*time.Second, "stop", func() { _ = s.Post(supervisor.Command{Kind: lifecycle.Stop, Service: "a"}) })
	k.At(2*time.Second, "reconfigure", func() { _ = s.Reconfigure([]config.Service{changed}, func(error) {}) })
	k.At(3*time.Second, "look", func() { assert.Equal(t, lifecycle.Stopped, s.Statuses()[0].State.Phase) })
	k.At(4*time.Second, "shut down", func() { k.SignalSelf(15) })
	s.Run()
}

// A name whose service is still stopping cannot be used again, and nothing else changes.
func TestReconfigureIsAllOrNothing(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/run", "sleep 1h")
	k.AddProgram("/svc/slow", "on TERM {sleep 5s; exit 0}; sleep 1h")
	slow := config.NewService("slow", "/svc/slow")
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{runs("a"), slow}})
	k.At(1*time.Second, "remove", func() { _ = s.Reconfigure([]config.Service{runs("a")}, func(err error) { assert.NoError(t, err) }) })
	k.At(2*time.Second, "add again", func() {
		_ = s.Reconfigure([]config.Service{slow, runs("b")}, func(err error) {
			assert.EqualError(t, err, "slow was removed before and is still stopping; try again when it has stopped")
		})
	})
	k.At(3*time.Second, "look", func() { assert.Len(t, s.Statuses(), 2, "b was not added") })
	k.At(9*time.Second, "add at last", func() { _ = s.Reconfigure([]config.Service{slow}, func(err error) { assert.NoError(t, err) }) })
	k.At(11*time.Second, "shut down", func() { k.SignalSelf(15) })
	s.Run()
	assert.Len(t, s.Statuses(), 1)
}

func TestHangupAsksForAReload(t *testing.T) {
	k := fakesys.New(fakesys.Options{})
	k.AddProgram("/svc/run", "sleep 1h")
	reloads := 0
	s := supervisor.New(supervisor.Options{Kernel: k, Services: []config.Service{runs("a")}, Reload: func() { reloads++ }})
	k.At(1*time.Second, "hang up", func() { k.SignalSelf(1) })
	k.At(4*time.Second, "shut down", func() { k.SignalSelf(15) })
	s.Run()
	assert.Equal(t, 1, reloads)
}
