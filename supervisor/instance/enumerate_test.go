package instance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gosv/gosv/internal/golden"
	. "github.com/gosv/gosv/supervisor/instance"
)

// moves are the events that the world can bring to a state.
func moves(s State) (all []Event) {
	add := func(kinds ...Kind) {
		for _, k := range kinds {
			all = append(all, Event{Kind: k})
		}
	}
	switch s.Stage() {
	case StageRequested, StageAborting, StageAbandoned:
		add(Abort, GiveUp, SpawnDone, SpawnFailed)
		return all
	case StageAlive:
		add(GiveUp, Stop, Kill, Escape, PlaceLost, LeaveGroup, StillAlive, LookFailed, Exit, StatusLost, FreezeForKill)
		all = append(all, Event{Kind: Exit, Reaped: true})
	case StageZombie:
		add(GiveUp, Kill, Escape, PlaceLost, LeaveGroup, StatusLost, NotEmpty, NoneLeft, FreezeForKill)
		all = append(all, Event{Kind: Kill, GroupAlive: true})
	default:
		add(GiveUp, Kill, Escape, PlaceLost, LeaveGroup, NotEmpty, NoneLeft, FreezeForKill)
	}
	return append(all, Event{Kind: Scanned}, Event{Kind: Scanned, Found: 2})
}

// walk visits every step from every reachable state.
func walk(visit func(s State, e Event, r Result)) (states int) {
	seen := map[State]bool{}
	next := []State{New(false), New(true)}
	for len(next) > 0 {
		s := next[0]
		next = next[1:]
		if seen[s] {
			continue
		}
		seen[s] = true
		for _, e := range moves(s) {
			r := Step(s, e)
			visit(s, e, r)
			next = append(next, r.State)
		}
	}
	return len(seen)
}

func TestEveryReachableStepKeepsTheRules(t *testing.T) {
	states := walk(func(s State, e Event, r Result) {
		if broken := brokenRule(s, e, r); broken != "" {
			t.Fatalf("%s\n  before %v\n  event  %+v\n  after  %v: %v", broken, s, e, r.State, r.Do)
		}
	})
	assert.Greater(t, states, 100, "the walk got nowhere")
}

// brokenRule names the rule that a step breaks, or nothing.
func brokenRule(s State, e Event, r Result) string {
	after, do := r.State, r.Do
	switch {
	case r.Ignored != "" && (after != s || do != 0):
		return "what is ignored changes nothing"
	case after.Stage() < s.Stage():
		return "an instance never goes back"
	case do&(StopGroup|KillGroup) != 0 && !after.Pinned():
		return "a process group is signalled only while its PID is pinned"
	case do&StopMain != 0 && (s.Signals != Stopping || s.Main != Alive):
		return "only a living main process that is being stopped gets the stop signal"
	case s.Signals == Stopping && s.Main == Alive && s.Group == InGroup && after.Group == LeftGroup && do&StopMain == 0:
		return "a main process that left its group before the stop signal gets one of its own"
	case do&Release != 0 && (s.Over() || !after.Over()), after.Over() && !s.Over() && do&Release == 0:
		return "everything is given up exactly once, at the end"
	case do&ReapMain != 0 && s.Main != Zombie, s.Stage() == StageZombie && after.Over() && do&ReapMain == 0:
		return "the zombie that was held is reaped at the end"
	case do&KillCgroup != 0 && s.Place == NoCgroup:
		return "without a cgroup none is killed"
	case s.Place != InCgroup && after.Place == InCgroup, s.Place == NoCgroup && after.Place != NoCgroup:
		return "who has left the cgroup is tracked by scan from then on"
	case after.Signals < s.Signals:
		return "KILL is not taken back"
	case do&ReportKill != 0 && s.KillReported:
		return "that leftovers are killed is reported once"
	case do&ReportKill != 0 && after.Signals != Killing:
		return "only what is killed is reported to be"
	case do&StopGroup != 0 && s.Signals == Killing && e.Kind != Stop:
		return "no stop signal after KILL"
	case e.Kind == Kill && !s.Over() && after.Signals != Killing:
		return "KILL is remembered"
	case e.Kind == Kill && !s.Over() && s.TrackedByScan() && do&AskScan == 0:
		return "members that only a scan finds are looked for when they are to be killed"
	case after.Frozen && after.Signals == Killing && e.Kind == Scanned && !after.Over():
		return "what was frozen to be killed is thawed after the scan"
	}
	return ""
}

func TestEveryPairOfStageAndEventIsDecided(t *testing.T) {
	impossible := map[Stage]string{
		StageRequested: "stop kill escape place-lost leave-group still-alive look-failed exit status-lost not-empty none-left freeze-for-kill scanned",
		StageAlive:     "abort spawn-done spawn-failed not-empty none-left",
		StageZombie:    "abort spawn-done spawn-failed stop",
	}
	impossible[StageAborting], impossible[StageAbandoned] = impossible[StageRequested], impossible[StageRequested]
	impossible[StageReaped], impossible[StageEmpty] = impossible[StageZombie], impossible[StageZombie]
	for stage, s := range oneOfEach() {
		for k := Abort; k <= Scanned; k++ {
			step := func() { Step(s, Event{Kind: k}) }
			if slices.Contains(strings.Fields(impossible[stage]), k.String()) {
				assert.Panics(t, step, "%v in %v", k, stage)
				continue
			}
			assert.NotPanics(t, step, "%v in %v", k, stage)
			if r := Step(s, Event{Kind: k}); r.State == s && r.Do == 0 {
				assert.NotEmpty(t, r.Ignored, "%v in %v changes nothing and gives no reason", k, stage)
			}
		}
	}
}

// oneOfEach has a state of each stage.
func oneOfEach() map[Stage]State {
	states := map[Stage]State{}
	walk(func(s State, _ Event, _ Result) {
		if _, has := states[s.Stage()]; !has {
			states[s.Stage()] = s
		}
	})
	return states
}

func TestAnEventThatCannotHappenPanicsWithBothNames(t *testing.T) {
	defer func() {
		assert.Contains(t, fmt.Sprint(recover()), "instance: event exit in stage requested")
	}()
	Step(New(false), Event{Kind: Exit})
}

func TestAStateIsWrittenAndReadBack(t *testing.T) {
	walk(func(s State, _ Event, _ Result) {
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var again State
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, s, again)
	})
}

// TestPageIsFresh holds docs/reference/instance.md to the code: go test
// ./supervisor/instance -update writes it anew.
func TestPageIsFresh(t *testing.T) {
	edges := map[string][]string{}
	walk(func(s State, e Event, r Result) {
		if s.Stage() == r.State.Stage() {
			return
		}
		arrow := fmt.Sprintf("    %v --> %v", s.Stage(), r.State.Stage())
		if !slices.Contains(edges[arrow], e.Kind.String()) {
			edges[arrow] = append(edges[arrow], e.Kind.String())
		}
	})
	var lines []string
	for arrow, kinds := range edges {
		slices.Sort(kinds)
		lines = append(lines, arrow+": "+strings.Join(kinds, ", "))
	}
	slices.Sort(lines)
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> requested\n" + strings.Join(lines, "\n") + "\n    empty --> [*]\n```\n\n")
	b.WriteString("| stage | event | actions, in any state of signals and place |\n|---|---|---|\n" + actionRows())
	const page = "../../docs/reference/instance.md"
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	begin := strings.Index(string(text), "```mermaid")
	require.Positive(t, begin, "%s has no diagram", page)
	golden.Equal(t, page, string(text[:begin])+b.String())
}

// actionRows lists what each event may ask for in each stage, or why it is ignored.
func actionRows() string {
	do, ignored := map[string]Actions{}, map[string]Reason{}
	var order []string
	walk(func(s State, e Event, r Result) {
		row := fmt.Sprintf("%d%02d| %v | %v |", s.Stage(), e.Kind, s.Stage(), e.Kind)
		if !slices.Contains(order, row) {
			order = append(order, row)
		}
		do[row] |= r.Do
		if r.Ignored != "" {
			ignored[row] = r.Ignored
		}
	})
	slices.Sort(order)
	var b strings.Builder
	for _, row := range order {
		text := do[row].String()
		if text == "" && ignored[row] != "" {
			text = "ignored: " + string(ignored[row])
		}
		b.WriteString(row[3:] + " " + text + " |\n")
	}
	return b.String()
}
