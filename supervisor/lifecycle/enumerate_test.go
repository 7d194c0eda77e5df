package lifecycle_test

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/config"
	"github.com/gosv/gosv/internal/golden"
	. "github.com/gosv/gosv/supervisor/lifecycle"
)

// A model of everything that can happen to a service: from each state, every
// event that the world could produce there. Walking it reaches every state
// (counters aside), so what holds on the walk holds.

// move is one event at one instant, as the world could bring it.
type move struct {
	ev Event
	at time.Duration // relative to now
}

var (
	success = Outcome{Cause: ByExit}
	failure = Outcome{Cause: ByExit, Code: 3}
	killed  = Outcome{Cause: BySignal, Signal: syscall.SIGKILL}
	missing = Outcome{Cause: StartFailed, Code: 127, Err: "no such file"}
)

func moves(p Policy, s State, now time.Duration) []move {
	list := []move{{ev: Event{Kind: Start}}, {ev: Event{Kind: Stop}}, {ev: Event{Kind: Kill}}, {ev: Event{Kind: Reset}}}
	if s.Spawning {
		list = append(list, move{ev: Event{Kind: Spawned, ExecAt: now}},
			move{ev: Event{Kind: SpawnFailed, Outcome: missing}},
			move{ev: Event{Kind: SpawnFailed, Outcome: Outcome{Cause: StartFailed, Code: 126}, Machine: true}})
	}
	if s.Alive {
		for _, out := range []Outcome{success, failure, killed} {
			for _, empty := range []bool{true, false} {
				list = append(list, move{ev: Event{Kind: MainExited, Outcome: out, Empty: empty}})
				if stable := s.ExecAt + p.Backoff.ResetAfter - now; stable > 0 && s.Deadline > s.ExecAt+p.Backoff.ResetAfter {
					list = append(list, move{ev: Event{Kind: MainExited, Outcome: out, Empty: empty}, at: stable})
				}
			}
		}
	}
	if s.Occupied && !s.Alive {
		list = append(list, move{ev: Event{Kind: Emptied}})
	}
	if s.Deadline != Never {
		list = append(list, move{ev: Event{Kind: Deadline}, at: s.Deadline - now})
	}
	return list
}

// shape is a state without what only counts or dates.
func shape(s State, now time.Duration) State {
	s.Generation, s.Restarts, s.Since, s.Last = min(s.Generation, 2), 0, 0, Outcome{}
	s.Retries = min(s.Retries, 2)
	if s.Deadline != Never {
		s.Deadline -= now
	}
	s.ExecAt = 0
	return s
}

// walk visits every state reachable within the depth and every step from it.
func walk(p Policy, depth int, visit func(s State, m move, now time.Duration, r Result)) (states, steps int) {
	type at struct {
		s   State
		now time.Duration
	}
	seen := map[State]bool{}
	level := []at{{New(), 0}}
	for d := 0; d < depth && len(level) > 0; d++ {
		var next []at
		for _, a := range level {
			for _, m := range moves(p, a.s, a.now) {
				now := a.now + m.at
				r := Step(p, a.s, m.ev, now)
				steps++
				visit(a.s, m, now, r)
				if key := shape(r.State, now); !seen[key] {
					seen[key] = true
					next = append(next, at{r.State, now})
				}
			}
		}
		level = next
	}
	return len(seen), steps
}

func policies() map[string]Policy {
	base := Policy{
		Restart: config.RestartAlways, MaxRestarts: 2,
		Backoff:      config.Backoff{Initial: time.Second, Factor: 2, Max: 3 * time.Second, ResetAfter: 10 * time.Second},
		StartTimeout: 30 * time.Second, StopTimeout: 5 * time.Second, KillWait: 2 * time.Second,
	}
	with := func(change func(*Policy)) Policy { p := base; change(&p); return p }
	return map[string]Policy{
		"always":     base,
		"on-failure": with(func(p *Policy) { p.Restart = config.RestartOnFailure }),
		"never":      with(func(p *Policy) { p.Restart = config.RestartNever }),
		"none":       with(func(p *Policy) { p.MaxRestarts = 0 }),
		"unlimited":  with(func(p *Policy) { p.MaxRestarts = config.Unlimited; p.Backoff.Initial = 0 }),
		"zero times": with(func(p *Policy) { p.StartTimeout, p.StopTimeout, p.KillWait, p.Backoff.ResetAfter = 0, 0, 0, 0 }),
		"fail fast":  with(func(p *Policy) { p.FailFast = true }),
	}
}

func TestEveryReachableStepKeepsTheRules(t *testing.T) {
	for name, p := range policies() {
		t.Run(name, func(t *testing.T) {
			states, steps := walk(p, 60, func(s State, m move, now time.Duration, r Result) {
				if broken := brokenRule(p, s, m, now, r); broken != "" {
					t.Fatalf("%s\n  policy %+v\n  before %+v\n  event  %+v at %v\n  after  %+v", broken, p, s, m.ev, now, r)
				}
			})
			t.Logf("%d states, %d steps", states, steps)
			require.Greater(t, states, 20, "the walk got nowhere")
		})
	}
}

// brokenRule names the rule that a step breaks, or nothing.
func brokenRule(p Policy, s State, m move, now time.Duration, r Result) string {
	after, ev := r.State, m.ev
	started, asked := r.Do&DoSpawn != 0, ev.Kind == Stop || ev.Kind == Kill
	switch {
	case started && (after.Generation != s.Generation+1 || !after.Spawning || after.Phase != Starting):
		return "a spawn begins exactly one new generation"
	case started && ev.Kind != Emptied && ev.Kind != MainExited && (s.Occupied || s.Spawning && ev.Kind != SpawnFailed):
		return "nothing starts while the old generation is there"
	case started && !s.Wanted && ev.Kind != Start:
		return "nothing starts that is not wanted"
	case asked && (after.Wanted || started):
		return "who asks for a stop gets no start"
	case after.Alive && !after.Occupied:
		return "a living main process occupies its generation"
	case after.Phase == Running && (!after.Alive || after.Deadline != Never):
		return "running means that the main process lives, with nothing due"
	case after.Phase == Stopped && (after.Occupied || after.Spawning || after.Deadline != Never):
		return "stopped means that nothing is left"
	case after.Phase == Starting && !after.Spawning:
		return "starting means that a start is under way"
	case p.MaxRestarts >= 0 && after.Attempt > p.MaxRestarts:
		return "consecutive restarts stay within the limit"
	case r.Do&DoKill != 0 && s.Phase == Stopping && !s.Killed && ev.Kind == Deadline && now < s.Deadline:
		return "no KILL before the grace is over"
	case r.Do&DoKill != 0 && ev.Kind != Deadline && ev.Kind != Kill && ev.Kind != MainExited && ev.Kind != Spawned:
		return "KILL needs a reason"
	case after.Phase == Backoff && after.Deadline == Never && !after.Stuck:
		return "backoff always has an end"
	case after.Phase == Stopping && after.Deadline == Never && !after.Stuck:
		return "stopping always has an end"
	case after.Phase != Starting && after.Phase != Backoff && after.Phase != Stopping && after.Spawning:
		return "no start is forgotten"
	case after.Restarts < s.Restarts || after.Restarts > s.Restarts+1 || after.Restarts > s.Restarts && !started:
		return "a restart is counted when it starts"
	case ev.Kind == MainExited && s.Phase == Running && after.Phase == Backoff:
		return brokenBackoff(p, s, now, after)
	}
	return ""
}

func brokenBackoff(p Policy, s State, now time.Duration, after State) string {
	attempt := s.Attempt + 1
	if now-s.ExecAt >= p.Backoff.ResetAfter {
		attempt = 1
	}
	switch {
	case after.Attempt != attempt:
		return fmt.Sprintf("the count is reset by a stable run and by nothing else: %d, want %d", after.Attempt, attempt)
	case after.Deadline-now != Delay(p.Backoff, attempt, 0):
		return "the delay is that of the schedule"
	}
	return ""
}

// TestDiagramIsFresh holds docs/reference/lifecycle.md to the code.
func TestDiagramIsFresh(t *testing.T) {
	edges := map[string]map[string]bool{}
	for _, p := range policies() {
		walk(p, 60, func(s State, m move, _ time.Duration, r Result) {
			if s.Phase == r.State.Phase {
				return
			}
			arrow := fmt.Sprintf("%v --> %v", s.Phase, r.State.Phase)
			if edges[arrow] == nil {
				edges[arrow] = map[string]bool{}
			}
			edges[arrow][m.ev.Kind.String()] = true
		})
	}
	var lines []string
	for arrow, kinds := range edges {
		var list []string
		for k := range kinds {
			list = append(list, k)
		}
		sort.Strings(list)
		lines = append(lines, "    "+arrow+": "+strings.Join(list, ", "))
	}
	sort.Strings(lines)
	diagram := "```mermaid\nstateDiagram-v2\n    [*] --> stopped\n" + strings.Join(lines, "\n") + "\n```\n"
	const page = "../../docs/reference/lifecycle.md"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	begin, end := strings.Index(string(text), "```mermaid"), strings.LastIndex(string(text), "```\n")+4
	require.Positive(t, begin, "%s has no diagram", page)
	golden.Equal(t, page, string(text[:begin])+diagram+string(text[end:]))
}
