package lifecycle_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/gosv/gosv/config"
	. "github.com/gosv/gosv/supervisor/lifecycle"
)

func TestDelaySchedule(t *testing.T) {
	std := config.DefaultBackoff
	for _, c := range []struct {
		name string
		b    config.Backoff
		n    int
		u    float64
		want time.Duration
	}{
		{"the first restart waits the initial delay", std, 1, 0, time.Second},
		{"then it doubles", std, 2, 0, 2 * time.Second},
		{"", std, 6, 0, 32 * time.Second},
		{"up to the cap", std, 7, 0, time.Minute},
		{"and stays there where doubling would overflow", std, 64, 0, time.Minute},
		{"", std, math.MaxInt32, 0, time.Minute},
		{"a factor of one is constant", config.Backoff{Initial: 3, Factor: 1, Max: 10}, 1000, 0, 3},
		{"zero stays zero where the power is infinite", config.Backoff{Factor: 10, Max: time.Minute}, 400, 0.5, 0},
		{"zero stays zero", config.Backoff{Factor: 2, Max: time.Minute}, 64, 0, 0},
		{"jitter comes on top, after the cap", config.Backoff{Initial: time.Second, Factor: 2, Max: 2 * time.Second, Jitter: 0.5}, 9, 0.5, 2500 * time.Millisecond},
		{"jitter of centuries is no time before now", config.Backoff{Initial: math.MaxInt64, Factor: 2, Max: math.MaxInt64, Jitter: 1}, 1, 0.5, math.MaxInt64},
		{"no draw, no jitter", config.Backoff{Initial: time.Second, Factor: 2, Max: 2 * time.Second, Jitter: 1}, 1, 0, time.Second},
	} {
		assert.Equal(t, c.want, Delay(c.b, c.n, c.u), "%s: n=%d", c.name, c.n)
	}
}

func TestDelayLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := config.Backoff{
			Initial: time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "initial")),
			Factor:  rapid.Float64Range(1, 100).Draw(t, "factor"),
			Jitter:  rapid.Float64Range(0, 1).Draw(t, "jitter"),
		}
		b.Max = b.Initial + time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "above"))
		n := rapid.IntRange(1, 5000).Draw(t, "n")
		u := rapid.Float64Range(0, 0.999999).Draw(t, "u")
		plain, shaken := Delay(b, n, 0), Delay(b, n, u)
		assert.LessOrEqual(t, plain, Delay(b, n+1, 0), "the schedule never goes down")
		assert.LessOrEqual(t, plain, b.Max)
		assert.GreaterOrEqual(t, plain, b.Initial)
		assert.GreaterOrEqual(t, shaken, plain, "jitter never shortens")
		assert.LessOrEqual(t, float64(shaken-plain), b.Jitter*float64(plain)+1)
	})
}

// A scenario is a list of events, each with what it makes of the service.
func TestScenarios(t *testing.T) {
	p := policies()["always"]
	at := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	type line struct {
		when  float64
		ev    Event
		phase Phase
		do    Effects
		due   float64 // 0: never
	}
	exited := func(o Outcome, empty bool) Event { return Event{Kind: MainExited, Outcome: o, Empty: empty} }
	spawned := func(s float64) Event { return Event{Kind: Spawned, ExecAt: at(s)} }
	for name, lines := range map[string][]line{
		"a service that fails is restarted after growing delays, and then given up": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{1, spawned(1), Running, 0, 0},
			{2, exited(failure, true), Backoff, 0, 3},
			{3, Event{Kind: Deadline}, Starting, DoSpawn, 33},
			{3, spawned(3), Running, 0, 0},
			{4, exited(success, true), Backoff, 0, 6}, // under always a clean exit counts and waits
			{6, Event{Kind: Deadline}, Starting, DoSpawn, 36},
			{6, spawned(6), Running, 0, 0},
			{7, exited(failure, true), Failed, 0, 0},
			{8, Event{Kind: Start}, Starting, DoSpawn, 38}, // someone asks
		},
		"a reset makes a failed service a stopped one, and nothing else": {
			{0, Event{Kind: Reset}, Stopped, 0, 0},
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, Event{Kind: Reset}, Starting, 0, 30},
			{0, spawned(0), Running, 0, 0},
			{0, Event{Kind: Reset}, Running, 0, 0},
			{1, Event{Kind: Kill}, Stopping, DoKill, 3},
			{1, exited(killed, true), Stopped, 0, 0},
		},
		"a stable run forgives": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, exited(failure, true), Backoff, 0, 2},
			{2, Event{Kind: Deadline}, Starting, DoSpawn, 32},
			{2, spawned(2), Running, 0, 0},
			{12, exited(failure, true), Backoff, 0, 13}, // ran exactly reset_after: restart 1 again
		},
		"a start that the machine refused waits like a restart and is not counted; after it the schedule is the old one": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, Event{Kind: SpawnFailed, Machine: true}, Backoff, 0, 1},
			{1, Event{Kind: Deadline}, Starting, DoSpawn, 31},
			{1, Event{Kind: SpawnFailed, Machine: true}, Backoff, 0, 3},
			{3, Event{Kind: Deadline}, Starting, DoSpawn, 33},
			{3, Event{Kind: SpawnFailed, Outcome: missing}, Backoff, 0, 4}, // restart 1 of 2
			{4, Event{Kind: Deadline}, Starting, DoSpawn, 34},
			{4, Event{Kind: SpawnFailed, Outcome: missing}, Backoff, 0, 6},
			{6, Event{Kind: Deadline}, Starting, DoSpawn, 36},
			{6, Event{Kind: SpawnFailed, Outcome: missing}, Failed, 0, 0},
		},
		"the grace belongs to the whole generation": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, Event{Kind: Stop}, Stopping, DoTerm, 6},
			{2, exited(killed, false), Stopping, 0, 6}, // the main process went, a worker did not
			{5, Event{Kind: Emptied}, Stopped, 0, 0},
		},
		"KILL comes at the deadline, and then the answer that it did not help": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, Event{Kind: Stop}, Stopping, DoTerm, 6},
			{6, Event{Kind: Deadline}, Stopping, DoKill, 8},
			{8, Event{Kind: Deadline}, Stopping, 0, 0},
			{99, exited(killed, true), Stopped, 0, 0}, // it died later after all
		},
		"who asks for KILL again and again does not put off the answer": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, Event{Kind: Stop}, Stopping, DoTerm, 6},
			{2, Event{Kind: Kill}, Stopping, DoKill, 4},
			{3, Event{Kind: Kill}, Stopping, DoKill, 4},
			{4, Event{Kind: Deadline}, Stopping, 0, 0},
			{5, Event{Kind: Kill}, Stopping, DoKill, 0},
		},
		"leftovers of a run that ended by itself are killed at once, and the schedule holds": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, exited(failure, false), Backoff, DoKill, 2},
			{1.5, Event{Kind: Emptied}, Backoff, 0, 2},
			{2, Event{Kind: Deadline}, Starting, DoSpawn, 32},
		},
		"no second generation while the first has survivors": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, exited(failure, false), Backoff, DoKill, 2},
			{2, Event{Kind: Deadline}, Backoff, 0, 4},
			{4, Event{Kind: Deadline}, Backoff, 0, 0},
			{50, Event{Kind: Emptied}, Starting, DoSpawn, 80},
		},
		"a stop before the spawn signals the new process": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{1, Event{Kind: Stop}, Stopping, 0, 6},
			{2, spawned(2), Stopping, DoTerm, 7},
			{3, exited(killed, true), Stopped, 0, 0},
		},
		"a start that hangs is ended and tried again, but never twice at a time": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{30, Event{Kind: Deadline}, Backoff, DoAbort, 31},
			{31, Event{Kind: Deadline}, Backoff, 0, 33},
			{32, spawned(32), Backoff, DoKill, 34},
			{32, exited(killed, true), Starting, DoSpawn, 62},
		},
		"a restart is a stop with a start behind it": {
			{0, Event{Kind: Start}, Starting, DoSpawn, 30},
			{0, spawned(0), Running, 0, 0},
			{1, Event{Kind: Stop}, Stopping, DoTerm, 6},
			{1, Event{Kind: Start}, Stopping, 0, 6},
			{2, exited(killed, true), Starting, DoSpawn, 32},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := New()
			for i, l := range lines {
				r := Step(p, s, l.ev, at(l.when))
				due := Never
				if l.due != 0 {
					due = at(l.due)
				}
				assert.Equal(t, l.phase, r.State.Phase, "line %d: %v", i, l.ev.Kind)
				assert.Equal(t, l.do, r.Do, "effects of line %d: %v", i, l.ev.Kind)
				assert.Equal(t, due, r.State.Deadline, "deadline after line %d: %v", i, l.ev.Kind)
				s = r.State
			}
		})
	}
}

// What gosv took to send a signal, or to ask for a start, is not taken from the time
// that it gives; the delay of a restart and an answer that is due wait for no effect.
func TestAGraceCountsFromItsSignal(t *testing.T) {
	p := Policy{
		Restart: config.RestartAlways, MaxRestarts: config.Unlimited, Backoff: config.Backoff{Initial: time.Second, Factor: 1, Max: time.Second},
		StartTimeout: 30 * time.Second, StopTimeout: 5 * time.Second, KillWait: 2 * time.Second,
	}
	s := New()
	at := func(seconds int) time.Duration { return time.Duration(seconds) * time.Second }
	for _, l := range []struct {
		when, took int
		ev         Event
		due        time.Duration
	}{
		{0, 1, Event{Kind: Start}, at(31)},
		{2, 0, Event{Kind: Spawned}, Never},
		{3, 9, Event{Kind: MainExited}, at(4)}, // with a KILL to what it left
		{4, 3, Event{Kind: Deadline}, at(6)},   // some of it is there still
		{5, 4, Event{Kind: Emptied}, at(39)},
		{40, 0, Event{Kind: Spawned}, Never},
		{41, 10, Event{Kind: Stop}, at(56)},
		{57, 1, Event{Kind: Deadline}, at(60)},
		{59, 1, Event{Kind: Kill}, at(60)},
	} {
		r := Step(p, s, l.ev, at(l.when))
		s = r.After(at(l.took))
		assert.Equal(t, l.due, s.Deadline, "%v at %d s, carried out in %d s", l.ev.Kind, l.when, l.took)
	}
	p.StopTimeout = Never
	s = Step(p, State{Phase: Running, Alive: true, Occupied: true, Deadline: Never}, Event{Kind: Stop}, 1).After(time.Hour)
	assert.Equal(t, Never, s.Deadline, "for ever is no longer for that")
}

// What an end comes to when no restart is left does not depend on how many there were.
func TestTheLimitIsTheSameAtAnyNumber(t *testing.T) {
	for restart, want := range map[config.Restart]map[Outcome]Phase{
		config.RestartAlways:    {success: Failed, failure: Failed, killed: Failed},
		config.RestartOnFailure: {success: Exited, failure: Failed, killed: Failed},
		config.RestartNever:     {success: Exited, failure: Failed, killed: Failed},
	} {
		for limit := range 4 {
			p := policies()["always"]
			p.Restart, p.MaxRestarts = restart, limit
			s := New()
			s.Phase, s.Attempt, s.Generation, s.Alive, s.Occupied = Running, limit, uint64(limit)+1, true, true
			for end, phase := range want {
				got := Step(p, s, Event{Kind: MainExited, Outcome: end, Empty: true}, time.Second).State.Phase
				assert.Equal(t, phase, got, "%s, max_restarts %d: %v", restart, limit, end)
			}
		}
	}
}

func TestAnEventThatCannotHappenPanics(t *testing.T) {
	assert.PanicsWithValue(t, assertPrefix("lifecycle: event emptied in phase running"), func() {
		s := Step(policies()["always"], New(), Event{Kind: Start}, 0).State
		s = Step(policies()["always"], s, Event{Kind: Spawned}, 0).State
		defer func() { panic(assertPrefix(recover().(string)[:len("lifecycle: event emptied in phase running")])) }()
		Step(policies()["always"], s, Event{Kind: Emptied}, 0)
	})
}

type assertPrefix string
