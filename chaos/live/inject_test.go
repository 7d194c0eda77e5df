package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// underWay is a run of web and db, which are reported to run but do not exist.
func underWay() *run {
	web, db := config.NewService("web", "web"), config.NewService("db", "db")
	running := func(name string, pid int) serviceState {
		return serviceState{Event: chaos.Event{Service: name, To: "running", Pid: pid}}
	}
	return &run{
		observer:   &observer{origin: now() - time.Minute},
		h:          chaos.History{Services: []config.Service{web, db}},
		states:     map[string]serviceState{"web": running("web", 10), "db": running("db", 20)},
		killedPIDs: map[int]bool{},
	}
}

func TestFaultIsSkippedWithAReason(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*run)
		why     string
		passing bool
	}{
		"no service":  {func(r *run) { r.h.Services = nil }, "there is no such service", false},
		"protected":   {func(r *run) { r.Protected = []string{"web"} }, "it is protected", false},
		"gap":         {func(r *run) { r.lastInjected, r.MinGap = r.now(), time.Hour }, "the last fault was less than 1h0m0s ago", true},
		"victims":     {func(r *run) { r.MaxVictims, r.killedPIDs = 1, map[int]bool{20: true} }, "1 service was down or disturbed, the maximum", true},
		"just killed": {func(r *run) { r.killedPIDs = map[int]bool{10: true} }, "it had just been killed", true},
		"active":      {func(r *run) { r.active = []activeFault{{service: "web"}} }, "another fault was active", true},
		"gone":        {func(*run) {}, "its process had ended", true},
		"in backoff":  {func(r *run) { r.states["web"] = serviceState{Event: chaos.Event{To: "backoff"}} }, "it was in backoff", true},
	} {
		r := underWay()
		c.prepare(r)
		why, passing := r.skipReason(chaos.PlannedFault{Service: "web", Fault: "kill", Arg: "KILL"})
		assert.Equal(t, c.why, why, name)
		assert.Equal(t, c.passing, passing, name)
	}
}

func TestEveryFaultHasAnInjector(t *testing.T) {
	for name := range chaos.Catalogue {
		assert.Contains(t, injectors, name)
	}
	for name := range injectors {
		assert.Contains(t, chaos.Catalogue, name)
	}
}

// noProcess is a supervisor without a process.
type noProcess struct{ Supervisor }

func (noProcess) Pid() int { return 1 << 30 }

// A supervisor whose starts fail at once, again and again, reports events faster than they
// can be recorded. The fault that makes them fail must be undone nevertheless.
func TestWaitReturnsAlthoughEventsNeverEnd(t *testing.T) {
	r := underWay()
	r.Supervisor, r.events = noProcess{}, func() <-chan chaos.Event {
		events := make(chan chaos.Event, 1)
		events <- chaos.Event{Service: "web", From: "backoff", To: "starting"}
		return events
	}
	r.h.Phases = []chaos.Span{{Phase: chaos.Faults}}
	waited := make(chan struct{})
	go func() {
		r.wait(r.now() + time.Hour)
		close(waited)
	}()
	select {
	case <-waited:
	case <-time.After(10 * time.Second):
		t.Fatal("it still records events")
	}
}

// A kind that was not injected yet may wait until the end of the faults, others for a tick.
func TestFirstFaultOfAKindMayWaitLonger(t *testing.T) {
	r := underWay()
	r.Plan = chaos.Plan{Tick: time.Second, Duration: time.Minute}
	late := chaos.PlannedFault{At: time.Second, Service: "web", Fault: "stop"}
	assert.True(t, r.mayWait(late, 30*time.Second))
	assert.False(t, r.mayWait(late, time.Minute))
	r.h.Injections = []chaos.Injection{{PlannedFault: late, Skipped: "another fault was active"}}
	assert.True(t, r.mayWait(late, 30*time.Second))
	r.h.Injections = []chaos.Injection{{PlannedFault: late}}
	assert.True(t, r.mayWait(late, 1900*time.Millisecond))
	assert.False(t, r.mayWait(late, 2*time.Second))
}
