package live

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/gosv/gosv/chaos"
	"github.com/gosv/gosv/config"
)

// underWay is a run of web and db, which are told to run but are not there.
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
		dying:      newDying(),
	}
}

func TestAHitIsRefusedWithItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*run)
		why     string
		passing bool
	}{
		"nobody":     {func(r *run) { r.h.Services = nil }, "there is no such service", false},
		"protected":  {func(r *run) { r.Protected = []string{"web"} }, "it is protected", false},
		"gap":        {func(r *run) { r.lastInjected, r.MinGap = r.now(), time.Hour }, "the last hit was less than 1h0m0s ago", true},
		"victims":    {func(r *run) { r.MaxVictims, r.killedPIDs = 1, map[int]bool{20: true} }, "1 service is down or held already, and no more are allowed", true},
		"just hit":   {func(r *run) { r.killedPIDs = map[int]bool{10: true} }, "it was just hit", true},
		"held":       {func(r *run) { r.active = []activeFault{{service: "web"}} }, "another fault is being done to it", true},
		"gone":       {func(*run) {}, "its process is gone", true},
		"in backoff": {func(r *run) { r.states["web"] = serviceState{Event: chaos.Event{To: "backoff"}} }, "it is backoff", true},
	} {
		r := underWay()
		c.prepare(r)
		why, passing := r.skipReason(chaos.PlannedFault{Service: "web", Fault: "kill", Arg: "KILL"})
		assert.Equal(t, c.why, why, name)
		assert.Equal(t, c.passing, passing, name)
	}
}

func TestTheCatalogueCanBeDone(t *testing.T) {
	for name := range chaos.Catalogue {
		assert.Contains(t, injectors, name)
	}
	for name := range injectors {
		assert.Contains(t, chaos.Catalogue, name)
	}
}

// nobody is a supervisor without a process.
type nobody struct{ Supervisor }

func (nobody) Pid() int { return 1 << 30 }

// A supervisor whose starts fail at once, over and over, tells of more than anybody
// can take: what makes them fail is undone all the same.
func TestASupervisorThatNeverStopsTellingDoesNotHoldUpTheRun(t *testing.T) {
	r := underWay()
	r.Supervisor, r.events = nobody{}, func() <-chan chaos.Event {
		told := make(chan chaos.Event, 1)
		told <- chaos.Event{Service: "web", From: "backoff", To: "starting"}
		return told
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
		t.Fatal("it still takes what is told")
	}
}

func TestAGaugeGivesTheLastSampleBefore(t *testing.T) {
	g := gauge{}
	for i := range time.Duration(2*gaugeKept + 1) {
		g.samples = append(g.samples, sample{i * time.Second, i})
	}
	assert.Zero(t, g.before(-1))
	assert.EqualValues(t, 500, g.before(500*time.Second+1))
	g.take(1<<30, time.Hour) // nobody: the sum does not fall
	assert.EqualValues(t, 2*gaugeKept, g.last().starved)
	assert.Less(t, len(g.samples), 2*gaugeKept)
}
